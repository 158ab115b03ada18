import { readdir, stat } from "node:fs/promises"
import { join, relative } from "node:path"

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
