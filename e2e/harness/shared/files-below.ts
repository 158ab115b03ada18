import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

/** The absolute paths of all files below a folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** The files below a folder that contain one of the texts. */
export async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const file of await filesBelow(folder)) {
    const content = await readFile(file, "latin1")
    if (texts.some((text) => content.includes(text))) found.push(file)
  }
  return found.sort()
}
