import { readlink, realpath } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { fileErrorCode } from "./file-error.ts"

/**
 * Resolves all symbolic links in a path, even if the final target does not exist yet. Returns the path itself if it is
 * not a link, or if its links form a cycle.
 * @param path absolute path
 */
export async function linkTarget(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (fileErrorCode(error) !== "ENOENT") return path
    const next = await readlink(path).catch(() => undefined)
    if (next === undefined) return path
    return linkTarget(resolve(await realpath(dirname(path)), next))
  }
}
