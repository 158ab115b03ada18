import { mkdir, realpath, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { linkTarget } from "./link-target.ts"

const temporaryFolder = temporaryFolders()

describe.skipIf(process.platform === "win32")("linkTarget", () => {
  async function links() {
    const folder = await realpath(await temporaryFolder())
    await mkdir(join(folder, "deep"))
    const at = (...names: string[]) => join(folder, ...names)
    return { at, link: (to: string, from: string) => symlink(to, at(from)) }
  }

  it("returns a path that is not a link, whether it exists or not", async () => {
    const { at } = await links()
    await writeFile(at("file"), "")
    expect(await linkTarget(at("file"))).toBe(at("file"))
    expect(await linkTarget(at("none"))).toBe(at("none"))
    expect(await linkTarget(at("no", "folder"))).toBe(at("no", "folder"))
  })

  it.each([true, false])("follows a chain of links to its end (target exists: %j)", async (exists) => {
    const { at, link } = await links()
    await link("second", "first")
    await link(at("deep", "third"), "second")
    await link(join("..", "end"), join("deep", "third"))
    if (exists) await writeFile(at("end"), "")
    expect(await linkTarget(at("first"))).toBe(at("end"))
  })

  it("follows a link to a folder", async () => {
    const { at, link } = await links()
    await link("deep", "linked")
    await link(join("..", "end"), join("deep", "file"))
    expect(await linkTarget(at("linked", "file"))).toBe(at("end"))
  })

  it("returns a link that points to itself", async () => {
    const { at, link } = await links()
    await link("two", "one")
    await link("one", "two")
    expect(await linkTarget(at("one"))).toBe(at("one"))
  })
})
