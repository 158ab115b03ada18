import { rm, truncate } from "node:fs/promises"
import { linkTarget } from "./link-target.ts"

/**
 * Removes a file that may hold secrets. A symbolic link stays and the file where it ends goes. A file that cannot be removed, because
 * its folder is read-only or the file is a mount point of its own, is emptied.
 * @param path absolute path; no error when nothing is there
 * @throws the file system's error; the content is then still there
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
