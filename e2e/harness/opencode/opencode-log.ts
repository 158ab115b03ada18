import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { filesBelow } from "../shared/files-below.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** The text of all of OpenCode's own log files. */
export async function openCodeLog(home: ThrowawayHome): Promise<string> {
  const files = await filesBelow(join(home.root, "data", "opencode", "log"))
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n")
}
