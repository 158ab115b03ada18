import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { fakeWorld } from "../testing/fake-world.ts"
import { temporaryFolders } from "../testing/temporary-folder.ts"
import { writeFileAtomically } from "./atomic-write.ts"

const temporaryFolder = temporaryFolders()
const onPosix = describe.skipIf(process.platform === "win32")
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe("writeFileAtomically", () => {
  it("makes the file and its folders", async () => {
    const path = join(await temporaryFolder(), "a", "b", "token.json")
    await writeFileAtomically(fakeWorld(), path, "new")
    expect(await readFile(path, "utf8")).toBe("new")
  })

  it("replaces a longer content and leaves nothing else in the folder", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    await writeFile(path, "something much longer")
    await writeFileAtomically(fakeWorld(), path, "new")
    expect(await readFile(path, "utf8")).toBe("new")
    expect(await readdir(folder)).toEqual(["token.json"])
  })

  it("writes beside the file and renames, so that a reader of the old file keeps it whole", async () => {
    const path = join(await temporaryFolder(), "token.json")
    await writeFileAtomically(fakeWorld(), path, "old")
    const before = await stat(path)
    await writeFileAtomically(fakeWorld(), path, "new")
    expect((await stat(path)).ino).not.toBe(before.ino)
  })

  it("lets two writers at once end with the whole text of one", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    const world = fakeWorld()
    const texts = Array.from({ length: 8 }, (_, writer) => String(writer).repeat(10_000))
    await Promise.all(texts.map((text) => writeFileAtomically(world, path, text)))
    expect(texts).toContain(await readFile(path, "utf8"))
    expect(await readdir(folder)).toEqual(["token.json"])
  })

  it("throws when the folder cannot be made", async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, "file"), "")
    await expect(writeFileAtomically(fakeWorld(), join(folder, "file", "token.json"), "new")).rejects.toThrow()
  })

  it("leaves no temporary file when the target cannot be replaced", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    await mkdir(join(path, "occupied"), { recursive: true })
    await expect(writeFileAtomically(fakeWorld(), path, "new")).rejects.toThrow()
    expect(await readdir(folder)).toEqual(["token.json"])
  })
})

onPosix("writeFileAtomically on POSIX", () => {
  it("makes a file of 0600 in a folder of 0700", async () => {
    const folder = join(await temporaryFolder(), "qwen")
    await writeFileAtomically(fakeWorld(), join(folder, "token.json"), "new")
    expect([await mode(folder), await mode(join(folder, "token.json"))]).toEqual(["700", "600"])
  })

  it("tightens a folder and a file that are open to others", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "token.json")
    await writeFile(path, "old")
    await chmod(path, 0o644)
    await chmod(folder, 0o755)
    await writeFileAtomically(fakeWorld(), path, "new")
    expect([await mode(folder), await mode(path)]).toEqual(["700", "600"])
  })

  it("keeps a symbolic link and replaces what it points to", async () => {
    const folder = await temporaryFolder()
    const target = join(folder, "elsewhere", "token.json")
    const link = join(folder, "qwen", "token.json")
    await mkdir(join(folder, "elsewhere"))
    await mkdir(join(folder, "qwen"))
    await writeFile(target, "old")
    await symlink(target, link)
    await writeFileAtomically(fakeWorld(), link, "new")
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readFile(target, "utf8")).toBe("new")
    expect(await mode(target)).toBe("600")
    expect(await readdir(join(folder, "elsewhere"))).toEqual(["token.json"])
  })
})
