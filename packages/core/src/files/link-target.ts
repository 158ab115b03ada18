import { readlink, realpath } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { fileErrorCode } from "./file-error.ts"

/**
 * The file that a path stands for: where a symbolic link ends, through all links on the way, also when nothing is there (yet). The path
 * itself when it is no link, or a link that leads to itself.
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
