import { once } from "node:events"
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { type FakePlatform, fakePlatform } from "qwen-auth-testing/fake-platform"
import { modeOf } from "qwen-auth-testing/mode-of"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it, onTestFinished } from "vitest"
import { prepareWrite, removeAbandonedWrites, replaceFile } from "./atomic-write.ts"

const temporaryFolder = temporaryFolders()
const onPosix = describe.skipIf(process.platform === "win32")
const always = async () => true
const RESERVED = 40 * 1024

async function replace(platform: FakePlatform, path: string, text: string): Promise<boolean> {
  return (await prepareWrite(platform, path)).commit(text, always)
}

describe("replacing a file", () => {
  it("creates the file and its folders", async () => {
    const path = join(await temporaryFolder(), "a", "b", "token.json")
    await replace(fakePlatform(), path, "new")
    expect(await readFile(path, "utf8")).toBe("new")
  })

  it("replaces a longer content and leaves nothing else in the folder", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    await writeFile(path, "something much longer")
    await replace(fakePlatform(), path, "new")
    expect(await readFile(path, "utf8")).toBe("new")
    expect(await readdir(folder)).toEqual(["token.json"])
  })

  it("renames a new file over the old one, so that an open reader keeps the old content", async () => {
    const path = join(await temporaryFolder(), "token.json")
    await replace(fakePlatform(), path, "old")
    const before = await stat(path)
    await replace(fakePlatform(), path, "new")
    expect((await stat(path)).ino).not.toBe(before.ino)
  })

  it("leaves the complete text of one of two concurrent writers", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    const platform = fakePlatform()
    const texts = Array.from({ length: 8 }, (_, writer) => String(writer).repeat(10_000))
    await Promise.all(texts.map((text) => replace(platform, path, text)))
    expect(texts).toContain(await readFile(path, "utf8"))
    expect(await readdir(folder)).toEqual(["token.json"])
  })

  it("writes bytes unchanged", async () => {
    const path = join(await temporaryFolder(), "token.json")
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80])
    await replaceFile(fakePlatform(), path, bytes)
    expect(await readFile(path)).toEqual(bytes)
  })

  onPosix("that is not a regular file", () => {
    it.each(["itself", "a link to it"])("keeps a socket: %s", async (which) => {
      const folder = await temporaryFolder()
      const socket = join(folder, "socket")
      const server = createServer().listen(socket)
      onTestFinished(() => void server.close())
      await once(server, "listening")
      const path = which === "itself" ? socket : join(folder, "token.json")
      if (path !== socket) await symlink(socket, path)
      await expect(replace(fakePlatform(), path, "new")).rejects.toMatchObject({ code: "EINVAL" })
      expect((await stat(socket)).isSocket()).toBe(true)
      expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([])
    })
  })

  it("throws if the folder cannot be created", async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, "file"), "")
    await expect(replace(fakePlatform(), join(folder, "file", "token.json"), "new")).rejects.toThrow()
  })

  it("leaves no temporary file if the target cannot be replaced", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    await mkdir(join(path, "occupied"), { recursive: true })
    await expect(replace(fakePlatform(), path, "new")).rejects.toThrow()
    expect(await readdir(folder)).toEqual(["token.json"])
  })
})

describe("a prepared write", () => {
  async function prepared(old = "old") {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    await writeFile(path, old)
    const write = await prepareWrite(fakePlatform(), path, { reserve: RESERVED })
    onTestFinished(write.discard)
    const others = async () => (await readdir(folder)).filter((name) => name !== "token.json")
    return { folder, path, write, others, content: () => readFile(path, "utf8") }
  }

  it("reserves disk space before the content is known and does not change the file yet", async () => {
    const { folder, others, content } = await prepared()
    const [temporary, ...more] = await others()
    expect(more).toEqual([])
    expect(temporary).toMatch(/^token\.json\.[0-9a-f]{12}\.tmp$/)
    expect((await stat(join(folder, temporary ?? ""))).size).toBe(RESERVED)
    expect(await content()).toBe("old")
  })

  it.each(["", "new", "x".repeat(RESERVED + 1)])("replaces the file with exactly the given text", async (text) => {
    const { write, others, content } = await prepared()
    expect(await write.commit(text, always)).toBe(true)
    expect(await content()).toBe(text)
    expect(await others()).toEqual([])
  })

  it("checks its permission immediately before the rename", async () => {
    const { folder, write, others, content } = await prepared()
    await write.commit("new", async () => {
      const [temporary] = await others()
      expect(await readFile(join(folder, temporary ?? ""), "utf8")).toBe("new")
      expect(await content()).toBe("old")
      return true
    })
    expect(await content()).toBe("new")
  })

  it("leaves the old content and no temporary file if it is no longer allowed", async () => {
    const { write, others, content } = await prepared()
    expect(await write.commit("new", async () => false)).toBe(false)
    expect(await content()).toBe("old")
    expect(await others()).toEqual([])
  })

  it("leaves the old content and no temporary file if the permission check throws", async () => {
    const { write, others, content } = await prepared()
    await expect(write.commit("new", () => Promise.reject(new Error("no")))).rejects.toThrow("no")
    expect(await content()).toBe("old")
    expect(await others()).toEqual([])
  })

  it("leaves the old content if it is discarded, and cannot be committed afterwards", async () => {
    const { write, others, content } = await prepared()
    await write.discard()
    await write.discard()
    expect(await others()).toEqual([])
    await expect(write.commit("new", always)).rejects.toThrow()
    expect(await content()).toBe("old")
    expect(await others()).toEqual([])
  })

  it("keeps the new content if it is discarded after commit", async () => {
    const { write, content } = await prepared()
    await write.commit("new", always)
    await write.discard()
    expect(await content()).toBe("new")
  })

  it("cannot replace the file after its temporary file was removed", async () => {
    const { path, write, others, content } = await prepared()
    await removeAbandonedWrites(path)
    expect(await others()).toEqual([])
    expect(await write.commit("new", always)).toBe(false)
    expect(await content()).toBe("old")
  })
})

describe("removeAbandonedWrites", () => {
  it("removes this file's temporary files and nothing else", async () => {
    const folder = await temporaryFolder()
    const kept = ["other.json.0123456789ab.tmp", "token.json", "token.json.0123456789AB.tmp", "token.json.tmp"]
    for (const name of [...kept, "token.json.0123456789ab.tmp"]) await writeFile(join(folder, name), "")
    await removeAbandonedWrites(join(folder, "token.json"))
    expect((await readdir(folder)).sort()).toEqual(kept)
  })

  it("does nothing if the folder does not exist", async () => {
    const path = join(await temporaryFolder(), "none", "token.json")
    await expect(removeAbandonedWrites(path)).resolves.toBeUndefined()
  })
})

onPosix("replacing a file on POSIX", () => {
  it("creates a file with mode 0600 in a folder with mode 0700", async () => {
    const folder = join(await temporaryFolder(), "qwen")
    await replace(fakePlatform(), join(folder, "token.json"), "new")
    expect([await modeOf(folder), await modeOf(join(folder, "token.json"))]).toEqual(["700", "600"])
  })

  it("restricts the modes of an existing folder and file", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    await writeFile(path, "old")
    await chmod(path, 0o644)
    await chmod(folder, 0o755)
    await replace(fakePlatform(), path, "new")
    expect([await modeOf(folder), await modeOf(path)]).toEqual(["700", "600"])
  })

  it("keeps the mode of a shared folder and creates a missing one with mode 0700", async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o755)
    for (const path of [join(folder, "token.json"), join(folder, "new", "token.json")]) {
      await (await prepareWrite(fakePlatform(), path, { keepMode: true })).commit("new", always)
    }
    expect([await modeOf(folder), await modeOf(join(folder, "new"))]).toEqual(["755", "700"])
  })

  it("creates the temporary file with mode 0600", async () => {
    const folder = await temporaryFolder()
    const write = await prepareWrite(fakePlatform(), join(folder, "token.json"))
    onTestFinished(write.discard)
    const [temporary = ""] = await readdir(folder)
    expect(await modeOf(join(folder, temporary))).toBe("600")
  })

  it("creates the missing target of a link with its folders and preserves the link", async () => {
    const folder = await temporaryFolder()
    const target = join(folder, "elsewhere", "deep", "token.json")
    const link = join(folder, "token.json")
    await symlink(join("elsewhere", "deep", "token.json"), link)
    await replace(fakePlatform(), link, "new")
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readFile(target, "utf8")).toBe("new")
    expect(await readdir(join(folder, "elsewhere", "deep"))).toEqual(["token.json"])
  })

  it("keeps the mode of the folder that a link points into", async () => {
    const [folder, others] = [await temporaryFolder(), await temporaryFolder()]
    await chmod(others, 0o755)
    await symlink(join(others, "token.json"), join(folder, "token.json"))
    await replace(fakePlatform(), join(folder, "token.json"), "new")
    expect(await modeOf(others)).toBe("755")
  })

  it("preserves a symbolic link and replaces its target", async () => {
    const folder = await temporaryFolder()
    const target = join(folder, "elsewhere", "token.json")
    const link = join(folder, "qwen", "token.json")
    await mkdir(join(folder, "elsewhere"))
    await mkdir(join(folder, "qwen"))
    await writeFile(target, "old")
    await symlink(target, link)
    await replace(fakePlatform(), link, "new")
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readFile(target, "utf8")).toBe("new")
    expect(await modeOf(target)).toBe("600")
    expect(await readdir(join(folder, "elsewhere"))).toEqual(["token.json"])
  })
})
