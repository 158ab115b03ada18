import { randomBytes } from "node:crypto"
import { mkdir, open, readFile, realpath, rename, rm, stat } from "node:fs/promises"
import { dirname } from "node:path"

/** More than any of our files holds. */
const LARGEST_BYTES = 256 * 1024

/** The value in a small JSON file; undefined when there is none, or it is no JSON, or larger than any of ours. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    const found = await stat(path)
    if (!found.isFile() || found.size > LARGEST_BYTES) return undefined
    // An editor on Windows puts a byte order mark first.
    const value: unknown = JSON.parse((await readFile(path, "utf8")).replace(/^\uFEFF/, ""))
    return value
  } catch {
    return undefined
  }
}

/**
 * Replaces a JSON file as a whole, owner-only: whoever reads it meanwhile sees the old or the new one. Its folder (owner-only too) is
 * made, but the folder above only with `parents`: OpenCode takes `~/.opencode` for a place of its configuration and slows its
 * next start by seconds when that appears, for which a cache is no reason.
 * @throws the file system's error; nothing is left behind then
 */
export async function writeJsonFile(path: string, value: unknown, { parents = false } = {}): Promise<void> {
  const text = `${JSON.stringify(value, undefined, 2)}\n`
  // It exists, or what follows tells why it cannot be.
  await mkdir(dirname(path), { recursive: parents, mode: 0o700 }).catch(() => {})
  // Who keeps such files elsewhere and links to them goes on doing so.
  const target = await realpath(path).catch(() => path)
  const temporary = `${target}.${randomBytes(6).toString("hex")}.tmp`
  try {
    const file = await open(temporary, "wx", 0o600)
    await file.writeFile(text).finally(() => file.close())
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}
