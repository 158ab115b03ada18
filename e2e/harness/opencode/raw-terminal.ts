import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type Keys, runInTerminal } from "./terminal.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

/** Runs OpenCode in a terminal and gives each byte that the terminal got, control characters and all, as UTF-8. */
export async function rawTerminal(
  home: ThrowawayHome,
  args: readonly string[],
  keys: readonly Keys[] = [],
  onScreen?: (screen: string) => void,
): Promise<string> {
  const record = join(home.root, "terminal.raw")
  const command = [opencodeBinary, ...args].map(quoted).join(" ")
  // The terminal inside the terminal writes down what it is sent.
  await runInTerminal(`script -qec ${quoted(command)} ${quoted(record)}`, home, keys, onScreen)
  return readFile(record, "utf8")
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
