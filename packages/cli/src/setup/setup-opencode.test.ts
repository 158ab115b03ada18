import { chmod, lstat, mkdir, readdir, readFile, realpath, stat, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { fakeWorld } from "../testing/fake-world.ts"
import { openCodeConfigFile } from "./setup-opencode.ts"

const temporaryFolder = temporaryFolders()
const NAME = "opencode-alibaba-qwen-cli-auth"

async function homeWith(text: string | Uint8Array | undefined, name = "opencode.json") {
  const home = await temporaryFolder()
  const path = join(home, ".config", "opencode", name)
  await mkdir(dirname(path), { recursive: true })
  if (text !== undefined) await writeFile(path, text)
  return { home, path, world: fakeWorld(home), read: () => readFile(path) }
}

describe("setup opencode", () => {
  it.each([
    ["comments", `{\n  // mine\n  "model": "a/b",\n}\n`],
    ["CRLF", `{\r\n\t"model": "a/b"\r\n}\r\n`],
    ["a byte order mark", `\ufeff{"model": "a/b"}`],
    ["an empty object", "{}"],
    ["an empty list", `{ "plugin": [] }\n`],
    ["a plugin with options", `{\n  "plugin": [\n    ["x", { "a": 1 }], // why\n  ],\n}`],
    ["no line end at the end", `{\n  "model": "a/b"\n}`],
  ])("keeps a file with %s and restores it byte for byte", async (_, text) => {
    const { path, world, read } = await homeWith(text)

    expect(await world.run("setup", "opencode")).toBe(0)
    const changed = await read()
    expect(changed.toString()).toContain(NAME)
    expect(changed.toString().startsWith("\ufeff")).toBe(text.startsWith("\ufeff"))
    expect(await world.run("setup", "opencode")).toBe(0)
    expect(await read()).toEqual(changed)
    expect(world.written.stdout).toContain("already")

    expect(await world.run("setup", "opencode", "--remove")).toBe(0)
    expect(await read()).toEqual(Buffer.from(text))
    expect(await readdir(dirname(path))).toEqual(["opencode.json"])
  })

  it("keeps a backup of the original file", async () => {
    const { path, world } = await homeWith(`{"model": "a/b"}`)
    await world.run("setup", "opencode")
    await world.run("setup", "opencode", "--remove")
    await writeFile(path, `{"model": "c/d"}`)
    await world.run("setup", "opencode")

    expect(await readFile(`${path}.before-qwen-auth`, "utf8")).toBe(`{"model": "c/d"}`)
  })

  it("removes only the plugin from a file that was changed since", async () => {
    const { path, world, read } = await homeWith(`{\n  "model": "a/b"\n}\n`)
    await world.run("setup", "opencode")
    await writeFile(path, (await read()).toString().replace("a/b", "c/d"))
    await world.run("setup", "opencode", "--remove")

    expect((await read()).toString()).toBe(`{\n  "model": "c/d"\n}\n`)
  })

  it("creates a missing file and removes it again", async () => {
    const home = await temporaryFolder()
    const world = fakeWorld(home)
    const path = join(home, ".config", "opencode", "opencode.json")
    await world.run("setup", "opencode")
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ plugin: [NAME], plugins: [NAME] })
    expect((await stat(path)).mode & 0o777).toBe(0o644)

    await world.run("setup", "opencode", "--remove")
    expect(await readdir(dirname(path))).toEqual([])
  })

  it("keeps the mode of the file and a symbolic link", async () => {
    const { home, path, world } = await homeWith(undefined)
    const target = join(home, "dotfiles", "opencode.json")
    await mkdir(dirname(target))
    await writeFile(target, "{}", { mode: 0o640 })
    await chmod(target, 0o640)
    await symlink(target, path)
    await world.run("setup", "opencode")

    expect((await lstat(path)).isSymbolicLink()).toBe(true)
    expect(await realpath(path)).toBe(await realpath(target))
    expect((await stat(target)).mode & 0o777).toBe(0o640)
    expect(await readFile(target, "utf8")).toContain(NAME)
  })

  it("removes the file that it created through a symbolic link, and keeps the link", async () => {
    const { home, path, world } = await homeWith(undefined)
    const target = join(home, "dotfiles", "opencode.json")
    await mkdir(dirname(target))
    await symlink(target, path)
    await world.run("setup", "opencode")
    expect(await readFile(target, "utf8")).toContain(NAME)
    await world.run("setup", "opencode", "--remove")

    expect(await readdir(dirname(target))).toEqual([])
    expect((await lstat(path)).isSymbolicLink()).toBe(true)
  })

  it.each([
    ["read-only", `{}`, 0o444, "it is read-only"],
    ["not JSON", `{ nonsense }`, 0o644, "it is not valid JSON with comments (line 1, column 3)"],
    ["not UTF-8", Uint8Array.of(0xff, 0xfe, 0x7b, 0x00), 0o644, "it is not UTF-8 text"],
  ])("does not change a file that is %s, and names the remedy", async (_, text, mode, reason) => {
    const { path, world, read } = await homeWith(text)
    await chmod(path, mode)

    expect(await world.run("setup", "opencode")).toBe(1)
    expect(world.written.stderr).toContain(`${reason}. Correct that, or add "${NAME}" to its lists`)
    expect(await read()).toEqual(Buffer.from(text))
    expect(await readdir(dirname(path))).toEqual(["opencode.json"])
  })

  it("does not replace or read a path that is not a file", async () => {
    const { path, world } = await homeWith(undefined)
    await mkdir(path)
    for (const args of [[], ["--dry-run"], ["--remove"]]) expect(await world.run("setup", "opencode", ...args)).toBe(1)
    expect(world.written.stderr).toContain(`${path} cannot be changed: it is not a file. Correct that`)
    expect((await lstat(path)).isDirectory()).toBe(true)
    expect(await readdir(dirname(path))).toEqual(["opencode.json"])
  })

  it("says what to remove when the file cannot be changed by --remove", async () => {
    const { path, world } = await homeWith(`{"plugin": ["${NAME}"]}`)
    await chmod(path, 0o444)
    expect(await world.run("setup", "opencode", "--remove")).toBe(1)
    expect(world.written.stderr).toBe(
      `qwen-auth: OpenCode's configuration ${path} cannot be changed: it is read-only. Correct that, or remove the plugin ` +
        `from its lists "plugin" (OpenCode 1) and "plugins" (OpenCode 2) yourself.\n`,
    )
  })

  it("removes an entry that existed before the set-up too, and keeps the backup that has it", async () => {
    const before = `{"plugin": [["${NAME}", {"debug": true}]]}`
    const { path, world, read } = await homeWith(before)
    await world.run("setup", "opencode")
    await world.run("setup", "opencode", "--remove")
    expect(world.written.stdout).toContain(`The entries from before the setup are in ${path}.before-qwen-auth.`)
    expect((await read()).toString()).not.toContain(NAME)
    expect(await readFile(`${path}.before-qwen-auth`, "utf8")).toBe(before)
  })

  it("shows the difference and changes nothing with --dry-run", async () => {
    const { path, world, read } = await homeWith(`{\n  "model": "a/b"\n}\n`)
    expect(await world.run("setup", "opencode", "--dry-run")).toBe(0)

    expect(world.written.stdout).toBe(
      `  {\n-   "model": "a/b"\n+   "model": "a/b",\n+   "plugin": ["${NAME}"],\n+   "plugins": ["${NAME}"]\n  }\nThis would change ${path}.\n`,
    )
    expect((await read()).toString()).toBe(`{\n  "model": "a/b"\n}\n`)
  })

  it("names the folders of a checkout, which must be built", async () => {
    const { home, world, read } = await homeWith("{}")
    const folder = join(home, "packages", "opencode")
    await mkdir(join(folder, "dist"), { recursive: true })
    await writeFile(join(folder, "package.json"), "{}")
    expect(await world.run("setup", "opencode", "--from-checkout")).toBe(64)
    expect(world.written.stderr).toContain("npm run build")

    await writeFile(join(folder, "dist", "index.js"), "")
    expect(await world.run("setup", "opencode", "--from-checkout")).toBe(0)
    expect(JSON.parse((await read()).toString())).toEqual({ plugin: [folder], plugins: [join(folder, "dist")] })
    await world.run("setup", "opencode", "--remove")
    expect((await read()).toString()).toBe("{}")
  })
})

describe("OpenCode's configuration", () => {
  it("is the file that OpenCode reads last, or the file in OPENCODE_CONFIG", async () => {
    const { home, path } = await homeWith("{}")
    const at = (environment = {}) => openCodeConfigFile(fakeWorld(home, { environment }))
    expect(at()).toBe(path)
    await writeFile(join(dirname(path), "opencode.jsonc"), "{}")
    expect(at()).toBe(join(dirname(path), "opencode.jsonc"))
    expect(at({ XDG_CONFIG_HOME: join(home, "xdg") })).toBe(join(home, "xdg", "opencode", "opencode.json"))
    expect(at({ OPENCODE_CONFIG: "mine.json" })).toBe(join(home, "mine.json"))
  })
})
