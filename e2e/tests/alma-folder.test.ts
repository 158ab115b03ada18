import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { unzipSync } from "fflate"
import { describe, expect, it } from "vitest"
import { ALMA_FOLDER } from "../harness/alma/alma.ts"

describe("the folder for Alma", () => {
  it("contains only the files that Alma and the user need", async () => {
    expect((await readdir(ALMA_FOLDER)).sort()).toEqual(
      ["CHANGELOG.md", "LICENSE", "README.md", "main.js", "manifest.json", "package.json"].sort(),
    )
  })

  it("is small", async () => {
    expect((await stat(join(ALMA_FOLDER, "main.js"))).size).toBeLessThanOrEqual(130_000)
  })

  it("is equal to the zip, file by file", async () => {
    const zipped = unzipSync(new Uint8Array(await readFile(`${ALMA_FOLDER}.zip`)))
    const names = await readdir(ALMA_FOLDER)
    expect(Object.keys(zipped).sort()).toEqual(names.map((name) => `qwen-auth/${name}`).sort())
    for (const name of names) {
      expect(Buffer.from(zipped[`qwen-auth/${name}`] ?? []).equals(await readFile(join(ALMA_FOLDER, name)))).toBe(true)
    }
  })
})
