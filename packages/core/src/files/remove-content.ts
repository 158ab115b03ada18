import { rm, truncate } from "node:fs/promises"
import { linkTarget } from "./link-target.ts"

/**
 * Removes a file that may contain secrets. Preserves a symbolic link and removes its target. A file that cannot be
 * removed, because its folder is read-only or the file is a mount point, is emptied.
 * @param path absolute path; the file need not exist
 * @throws the error of the file system; the content then still exists
 */
export async function removeContent(path: string): Promise<void> {
  const target = await linkTarget(path)
  try {
    await rm(target, { force: true })
  } catch (error) {
    await truncate(target).catch(() => {
      throw error
    })
  }
}
