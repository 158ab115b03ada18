import { chmod, stat } from "node:fs/promises"

/**
 * Takes away from group and others what they may do with a file or folder. Nothing to do where modes mean nothing (Windows).
 * @param most the widest mode allowed, for example 0o600
 * @returns whether it was wider
 */
export async function tighten(path: string, most: 0o600 | 0o700): Promise<boolean> {
  if (process.platform === "win32") return false
  const { mode } = await stat(path)
  if ((mode & 0o777 & ~most) === 0) return false
  await chmod(path, mode & most)
  return true
}
