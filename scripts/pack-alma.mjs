/**
 * Adds the remaining files to the plugin folder for Alma, `packages/alma/dist/qwen-auth/`, which contains the built `main.js`, and creates
 * its zip file, and copies it into the package of the command. Fails when package, manifest and changelog have different versions,
 * because Alma compares them.
 */
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { zipSync } from "fflate"

const source = fileURLToPath(new URL("../packages/alma", import.meta.url))
const folder = join(source, "dist", "qwen-auth")
const packed = fileURLToPath(new URL("../packages/cli/dist/alma/qwen-auth", import.meta.url))
/** A fixed date, so that the same sources always give the same zip. Zip dates have no time zone. */
const MTIME = new Date(1980, 0, 1)

export function packAlma() {
  const { name, version, description, license, type } = json("package.json")
  const manifest = json("manifest.json")
  const changelog = /^## (\S+)/m.exec(readFileSync(join(source, "CHANGELOG.md"), "utf8"))?.[1]
  if (manifest.version !== version || changelog !== version) {
    throw new Error(`Versions differ: package ${version}, manifest ${manifest.version}, changelog ${changelog}.`)
  }
  for (const file of ["manifest.json", "README.md", "CHANGELOG.md", "LICENSE"]) {
    copyFileSync(join(source, file), join(folder, file))
  }
  const shipped = { name, version, description, license, type, main: "main.js" }
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(shipped, undefined, 2)}\n`)
  const files = Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [`qwen-auth/${file}`, new Uint8Array(readFileSync(join(folder, file)))]),
  )
  writeFileSync(join(source, "dist", "qwen-auth.zip"), zipSync(files, { level: 9, mtime: MTIME }))
  // The command brings the folder along for `qwen-auth setup alma`.
  rmSync(packed, { recursive: true, force: true })
  cpSync(folder, packed, { recursive: true })
}

/** @param {string} file @returns {Record<string, string>} */
function json(file) {
  return JSON.parse(readFileSync(join(source, file), "utf8"))
}
