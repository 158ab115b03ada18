import { open, rm, stat } from "node:fs/promises"
import { fileErrorCode, readTextFile } from "qwen-auth-core/internal"
import { CommandError } from "../command-error.ts"

/** At least the 32 characters of a hexadecimal key of 16 bytes, and nothing that a header cannot carry. */
const KEY = /^[\w.~+/=-]{32,512}$/

/**
 * Reads the local key from a file.
 * @param path absolute or relative to the working directory
 * @returns undefined if there is no such file
 * @throws CommandError it is a folder or a device, is readable by others, is not readable, or does not contain a key
 */
export async function readKeyFile(path: string, platform: NodeJS.Platform): Promise<string | undefined> {
  try {
    const stats = await stat(path)
    if (!stats.isFile()) throw new CommandError(`The key file ${path} is not a file. Choose another path.`)
    const { mode } = stats
    if (platform !== "win32" && (mode & 0o077) !== 0) {
      throw new CommandError(`Other users can read the key file ${path}. Run: chmod 600 ${path}`)
    }
    const key = (await readTextFile(path)).trim()
    if (KEY.test(key)) return key
  } catch (error) {
    if (error instanceof CommandError) throw error
    if (fileErrorCode(error) === "ENOENT") return undefined
    throw new CommandError(`The key file ${path} cannot be read (${fileErrorCode(error)}).`)
  }
  throw new CommandError(`The key file ${path} does not contain a key of 32 to 512 characters in one line. Remove it.`)
}

/**
 * Returns the key in a file, which is created with `newKey`, for its owner only, if it does not exist.
 * @throws CommandError see {@link readKeyFile}; or the file cannot be created
 */
export async function ensureKeyFile(path: string, newKey: () => string, platform: NodeJS.Platform): Promise<string> {
  const present = await readKeyFile(path, platform)
  if (present !== undefined) return present
  const key = newKey()
  try {
    const file = await open(path, "wx", 0o600)
    try {
      await file.writeFile(`${key}\n`)
    } catch (error) {
      // A full disk leaves an empty file, which the next gateway would refuse.
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
    return key
  } catch (error) {
    // Another gateway was faster.
    const theirs = fileErrorCode(error) === "EEXIST" ? await readKeyFile(path, platform) : undefined
    if (theirs !== undefined) return theirs
    throw new CommandError(`The key file ${path} cannot be created (${fileErrorCode(error)}).`)
  }
}
