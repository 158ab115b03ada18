import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { readFile, rename, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const BUN = fileURLToPath(new URL("../../../node_modules/bun/bin/bun.exe", import.meta.url))

/** Why entries cannot be compiled here; `undefined` when they can. */
export const bunMissing = existsSync(BUN) ? undefined : "npm did not install Bun"

/** The compiled entries by the hash of their source. Every load of a plugin compiles the same one. */
const compiled = new Map<string, Promise<string>>()

/** Compiles an entry as Alma does with the Bun that it contains. Without Bun the entry is copied. */
export async function compileEntry(entry: string, output: string): Promise<void> {
  const source = await readFile(entry, "utf8")
  const hash = createHash("sha256").update(source).digest("hex")
  const known = compiled.get(hash) ?? (bunMissing === undefined ? compile(entry, output) : Promise.resolve(source))
  compiled.set(hash, known)
  await writeFile(output, await known)
}

async function compile(entry: string, output: string): Promise<string> {
  const temporary = `${output}.js`
  const options = ["--target", "node", "--format", "esm", "--external", "electron", "--external", "zod"]
  await promisify(execFile)(BUN, ["build", entry, ...options, "--outfile", temporary])
  await rename(temporary, output)
  return readFile(output, "utf8")
}
