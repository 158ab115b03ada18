import { nodePlatform } from "qwen-auth-core"
import { parseJsonText, readTextFile, replaceFile } from "qwen-auth-core/internal"

/** The value in a small JSON file; undefined when there is none, or it is no JSON, or larger than any of ours. */
export async function readJsonFile(path: string): Promise<unknown> {
  return parseJsonText(await readTextFile(path).catch(() => ""))
}

/**
 * Replaces a JSON file as a whole, owner-only: whoever reads it meanwhile sees the old or the new one. Its folder (owner-only too) is
 * made, but the folder above only with `parents`: OpenCode takes `~/.opencode` for a place of its configuration and slows its
 * next start by seconds when that appears, for which a cache is no reason.
 * @throws the file system's error; nothing is left behind then
 */
export async function writeJsonFile(path: string, value: unknown, { parents = false } = {}): Promise<void> {
  await replaceFile(nodePlatform(), path, `${JSON.stringify(value, undefined, 2)}\n`, { parents, keepMode: true })
}
