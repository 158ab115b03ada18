import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { fakeWorld } from "../testing/fake-world.ts"

const temporaryFolder = temporaryFolders()
const OURS = { name: "qwen-auth-alma", version: "0.1.0" }

/** A home with a built checkout in it. */
async function setUp() {
  const home = await temporaryFolder()
  const source = join(home, "packages", "alma", "dist", "qwen-auth")
  await mkdir(join(home, "packages", "opencode"), { recursive: true })
  await writeFile(join(home, "packages", "opencode", "package.json"), "{}")
  await mkdir(source, { recursive: true })
  await writeFile(join(source, "main.js"), "// one")
  await writeFile(join(source, "package.json"), JSON.stringify(OURS))
  const plugins = join(home, ".config", "alma", "plugins")
  return { world: fakeWorld(home), source, plugins, target: join(plugins, "qwen-auth") }
}

describe("setup alma", () => {
  it("copies the folder once, replaces an older one and removes it", async () => {
    const { world, source, plugins, target } = await setUp()
    expect(await world.run("setup", "alma", "--from-checkout")).toBe(0)
    expect((await readdir(target)).sort()).toEqual(["main.js", "package.json"])
    await world.run("setup", "alma", "--from-checkout")
    expect(world.written.stdout).toContain("Alma has the plugin already")

    await writeFile(join(source, "main.js"), "// two")
    await world.run("setup", "alma", "--from-checkout")
    expect(await readFile(join(target, "main.js"), "utf8")).toBe("// two")
    expect(await readdir(plugins)).toEqual(["qwen-auth"])

    expect(await world.run("setup", "alma", "--remove")).toBe(0)
    expect(await readdir(plugins)).toEqual([])
    expect(await world.run("setup", "alma", "--remove")).toBe(0)
  })

  it("copies the folder in the published package", async () => {
    const { world, target } = await setUp()
    const packed = join(world.programFolder, "alma", "qwen-auth")
    await mkdir(packed, { recursive: true })
    await writeFile(join(packed, "package.json"), JSON.stringify({ ...OURS, version: "0.2.0" }))
    await world.run("setup", "alma")
    expect(await readFile(join(target, "package.json"), "utf8")).toContain("0.2.0")
  })

  it("keeps another plugin with the same id and puts it back", async () => {
    const { world, plugins, target } = await setUp()
    await mkdir(target, { recursive: true })
    await writeFile(join(target, "package.json"), `{"name":"another"}`)
    await world.run("setup", "alma", "--from-checkout")
    expect(world.written.stdout).toContain("Another plugin with the same id")
    expect(await readFile(join(target, "package.json"), "utf8")).toContain(OURS.name)

    await world.run("setup", "alma", "--remove")
    expect(await readFile(join(target, "package.json"), "utf8")).toContain("another")
    expect(await readdir(plugins)).toEqual(["qwen-auth"])
    await world.run("setup", "alma", "--remove")
    expect(await readFile(join(target, "package.json"), "utf8")).toContain("another")
  })

  it.skipIf(process.platform === "win32")("leaves nothing of a failed copy, and names the remedy", async () => {
    const { world, source, plugins, target } = await setUp()
    // A socket cannot be copied.
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(source, "s"), resolve))
    const status = await world.run("setup", "alma", "--from-checkout")
    server.close()
    expect(status).toBe(1)
    expect(world.written.stderr).toMatch(
      /cannot be changed: \w+\. Check its permissions and the free space on the disk\.\n$/,
    )
    expect(world.written.stderr).toContain(target)
    expect(await readdir(plugins)).toEqual([])
  })

  it("changes nothing with --dry-run", async () => {
    const { world, plugins, target } = await setUp()
    await world.run("setup", "alma", "--from-checkout", "--dry-run")
    expect(world.written.stdout).toContain(`to ${target}`)
    await expect(readdir(plugins)).rejects.toThrow("ENOENT")
  })
})
