import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

/** Every file below a folder, absolute paths. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** The files below a folder in which one of the texts stands. */
export async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const file of await filesBelow(folder)) {
    const content = await readFile(file, "latin1")
    if (texts.some((text) => content.includes(text))) found.push(file)
  }
  return found.sort()
}
