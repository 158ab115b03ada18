import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { shellCommand } from "../shared/shell-command.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import { runInTerminal } from "./terminal.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** Runs OpenCode in a terminal and returns everything that it wrote, including control characters. */
export async function rawTerminal(home: ThrowawayHome, args: readonly string[]): Promise<string> {
  const record = join(home.root, "terminal.raw")
  // The inner `script` records the raw output.
  await runInTerminal(shellCommand(["script", "-qec", shellCommand([opencodeBinary, ...args]), record]), home, [])
  return readFile(record, "utf8")
}
