import { nodePlatform } from "qwen-auth-core"
import { parseJsonText, readTextFile, replaceFile } from "qwen-auth-core/internal"

/** Reads a small JSON file. Returns undefined if it does not exist, is not JSON or is too large. */
export async function readJsonFile(path: string): Promise<unknown> {
  return parseJsonText(await readTextFile(path).catch(() => ""))
}

/**
 * Replaces a JSON file atomically: readers see the old or the new content. File and folder are readable by their owner
 * only. Creates the folder, but its parent only with `parents`: when `~/.opencode` appears, OpenCode treats it as a
 * configuration folder and its next start takes seconds longer, which a cache does not justify.
 * @throws the file system's error; no temporary file is left behind
 */
export async function writeJsonFile(path: string, value: unknown, { parents = false } = {}): Promise<void> {
  await replaceFile(nodePlatform(), path, `${JSON.stringify(value, undefined, 2)}\n`, { parents, keepMode: true })
}
