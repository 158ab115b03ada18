import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type Keys, runInTerminal } from "./terminal.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

/** Runs OpenCode in a terminal and returns everything that it wrote, including control characters. */
export async function rawTerminal(
  home: ThrowawayHome,
  args: readonly string[],
  keys: readonly Keys[] = [],
  onScreen?: (screen: string) => void,
): Promise<string> {
  const record = join(home.root, "terminal.raw")
  const command = [opencodeBinary, ...args].map(quote).join(" ")
  // The inner `script` records the raw output.
  await runInTerminal(`script -qec ${quote(command)} ${quote(record)}`, home, keys, onScreen)
  return readFile(record, "utf8")
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
