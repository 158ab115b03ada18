import { readdir, readFile, stat } from "node:fs/promises"
import { join, relative } from "node:path"

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

/** The mode of each file and folder below a folder, by relative path: `0600` for a file, `0700/` for a folder. */
export async function modesBelow(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const modes = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    const mode = ((await stat(path)).mode & 0o7777).toString(8).padStart(4, "0")
    return [relative(folder, path), entry.isDirectory() ? `${mode}/` : mode] as const
  })
  return Object.fromEntries(await Promise.all(modes))
}
