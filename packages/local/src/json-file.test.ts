import { chmod, lstat, mkdir, open, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { readJsonFile, writeJsonFile } from "./json-file.ts"

const temporaryFolder = temporaryFolders()

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe("reading a JSON file", () => {
  it.each([{ a: [1, "two", null] }, [], "text", 7, null])("returns what was written: %j", async (value) => {
    const path = join(await temporaryFolder(), "file.json")
    await writeJsonFile(path, value)
    expect(await readJsonFile(path)).toEqual(value)
  })

  it("returns undefined when the file does not exist", async () => {
    const folder = await temporaryFolder()
    expect(await readJsonFile(join(folder, "file.json"))).toBeUndefined()
    expect(await readJsonFile(join(folder, "no", "such", "folder.json"))).toBeUndefined()
    expect(await readJsonFile(folder)).toBeUndefined()
  })

  it.each([
    ["byte order mark", Buffer.from('\uFEFF{"a": 1}')],
    ["Windows line ends", Buffer.from('{\r\n"a": 1\r\n}\r\n')],
    ["UTF-16", Buffer.from('\uFEFF{"a": 1}', "utf16le")],
  ])("reads files written by editors on Windows: %s", async (_, bytes) => {
    const path = join(await temporaryFolder(), "file.json")
    await writeFile(path, bytes)
    expect(await readJsonFile(path)).toEqual({ a: 1 })
  })

  it.each(["", " ", "{", '{"a":1}}', "undefined", "\u0000\u0001"])(
    "returns undefined for invalid JSON: %j",
    async (junk) => {
      const path = join(await temporaryFolder(), "file.json")
      await writeFile(path, junk)
      expect(await readJsonFile(path)).toBeUndefined()
    },
  )
})

describe("writing a JSON file", () => {
  it.skipIf(process.platform === "win32")("makes the file and its folder private to the owner", async () => {
    const folder = join(await temporaryFolder(), "cache")
    const path = join(folder, "file.json")
    await writeJsonFile(path, {})
    expect([await modeOf(folder), await modeOf(path)]).toEqual(["700", "600"])
  })

  it("does not create the parent folder", async () => {
    const home = await temporaryFolder()
    await expect(writeJsonFile(join(home, ".opencode", "cache", "file.json"), {})).rejects.toThrow("ENOENT")
    expect(await readdir(home)).toEqual([])
  })

  it.skipIf(process.platform === "win32")("creates private parent folders with `parents`", async () => {
    const home = await temporaryFolder()
    const path = join(home, ".opencode", "qwen", "file.json")
    await writeJsonFile(path, { a: 1 }, { parents: true })
    expect(await readJsonFile(path)).toEqual({ a: 1 })
    const folders = [join(home, ".opencode"), join(home, ".opencode", "qwen"), path]
    expect(await Promise.all(folders.map(modeOf))).toEqual(["700", "700", "600"])
  })

  it.skipIf(process.platform === "win32")("makes a file private that others could read before", async () => {
    const path = join(await temporaryFolder(), "file.json")
    await writeFile(path, "{}", { mode: 0o644 })
    await chmod(path, 0o644)
    await writeJsonFile(path, {})
    expect(await modeOf(path)).toBe("600")
  })

  it("replaces the file: an open reader still reads the old content", async () => {
    const path = join(await temporaryFolder(), "file.json")
    await writeJsonFile(path, { text: "old" })
    const reader = await open(path)
    try {
      await writeJsonFile(path, { text: "new" })
      expect(JSON.parse(await reader.readFile("utf8"))).toEqual({ text: "old" })
      expect(await readJsonFile(path)).toEqual({ text: "new" })
    } finally {
      await reader.close()
    }
  })

  it("never shows a reader partial content", async () => {
    const path = join(await temporaryFolder(), "file.json")
    const large = (n: number) => ({ n, text: String(n).repeat(50_000) })
    await writeJsonFile(path, large(0))
    const seen: unknown[] = []
    const writing = (async () => {
      for (let n = 1; n < 6; n++) await writeJsonFile(path, large(n))
      return true
    })()
    let done = false
    void writing.finally(() => {
      done = true
    })
    while (!done) seen.push(await readJsonFile(path))
    await writing
    expect(seen.length).toBeGreaterThan(0)
    for (const value of seen) expect([0, 1, 2, 3, 4, 5].map(large)).toContainEqual(value)
  })

  it("by several writers at once leaves the complete content of one and no other file", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "file.json")
    await Promise.all([1, 2, 3, 4].map((n) => writeJsonFile(path, { n })))
    expect([1, 2, 3, 4].map((n) => ({ n }))).toContainEqual(await readJsonFile(path))
    expect(await readdir(folder)).toEqual(["file.json"])
  })

  it("leaves only the old file when it fails", async () => {
    const folder = await temporaryFolder()
    const path = join(folder, "file.json")
    await mkdir(join(path, "in-the-way"), { recursive: true })
    await expect(writeJsonFile(path, { secret: true })).rejects.toThrow()
    expect(await readdir(folder)).toEqual(["file.json"])
    expect(await readdir(path)).toEqual(["in-the-way"])
  })

  describe.skipIf(process.platform === "win32")("through a symbolic link", () => {
    async function linked(target: string) {
      const [kept, folder] = [await temporaryFolder(), await temporaryFolder()]
      const [real, path] = [join(kept, "dotfile.json"), join(folder, "file.json")]
      if (target !== "") await writeFile(real, target)
      await symlink(real, path)
      return { kept, folder, real, path }
    }

    it("writes the target and keeps the link", async () => {
      const { kept, folder, real, path } = await linked("{}")
      await writeJsonFile(path, { a: 1 })
      expect(await readlink(path)).toBe(real)
      expect(await readJsonFile(real)).toEqual({ a: 1 })
      expect([await readdir(kept), await readdir(folder)]).toEqual([["dotfile.json"], ["file.json"]])
      expect(await modeOf(real)).toBe("600")
    })

    it("also works through a link to a folder", async () => {
      const [kept, folder] = [await temporaryFolder(), await temporaryFolder()]
      await symlink(kept, join(folder, "linked"))
      await writeJsonFile(join(folder, "linked", "file.json"), { a: 1 })
      expect(await readJsonFile(join(kept, "file.json"))).toEqual({ a: 1 })
      expect((await lstat(join(folder, "linked"))).isSymbolicLink()).toBe(true)
    })

    it("creates a missing target and keeps the link", async () => {
      const { real, path } = await linked("")
      await writeJsonFile(path, { a: 1 })
      expect(await readlink(path)).toBe(real)
      expect(await readJsonFile(real)).toEqual({ a: 1 })
    })

    it("leaves link and target unchanged when it fails", async () => {
      const { kept, folder, real, path } = await linked("")
      await mkdir(join(real, "in-the-way"), { recursive: true })
      await expect(writeJsonFile(path, {})).rejects.toThrow()
      expect([await readdir(kept), await readdir(folder)]).toEqual([["dotfile.json"], ["file.json"]])
    })
  })

  it("fails when its folder is a file", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "mine")
    await expect(writeJsonFile(join(file, "file.json"), {})).rejects.toThrow()
    await expect(writeJsonFile(join(file, "file.json"), {}, { parents: true })).rejects.toThrow()
    expect(await readFile(file, "utf8")).toBe("mine")
  })
})
