import { chmod, stat } from "node:fs/promises"

/**
 * Removes permissions from a file or folder that exceed `mostAllowed`. Does nothing on Windows, where modes have no
 * effect.
 * @param mostAllowed the widest mode allowed, for example 0o600
 * @returns whether the mode was changed
 * @throws the error of the file system
 */
export async function tighten(path: string, mostAllowed: 0o600 | 0o700): Promise<boolean> {
  if (process.platform === "win32") return false
  const { mode } = await stat(path)
  if ((mode & 0o777 & ~mostAllowed) === 0) return false
  await chmod(path, mode & mostAllowed)
  return true
}
