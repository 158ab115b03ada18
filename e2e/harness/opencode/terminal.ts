import { spawn, spawnSync } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { killTree, type ProcessResult } from "../shared/run-process.ts"
import { shellCommand } from "../shared/shell-command.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

const TIMEOUT_MS = 150_000

/** Why no real terminal is available here; `undefined` if one is. util-linux's `script` provides it. */
export const terminalMissing =
  process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
    ? undefined
    : "needs util-linux's script"

/** Keys that the user types when a text appears on the screen. */
export interface Keys {
  readonly after: string
  readonly type: string
}

/** Runs OpenCode in its own terminal. See {@link runInTerminal} for `keys` and `onScreen`. */
export function openCodeInTerminal(
  home: ThrowawayHome,
  args: readonly string[],
  keys: readonly Keys[],
  onScreen?: (screen: string) => void,
): Promise<ProcessResult> {
  return runInTerminal(shellCommand([opencodeBinary, ...args]), home, keys, onScreen)
}

/**
 * Runs a shell command in its own terminal.
 * @param keys typed in this order
 * @param onScreen called after each output with everything that was on the screen so far
 */
export function runInTerminal(
  command: string,
  home: ThrowawayHome,
  keys: readonly Keys[],
  onScreen: (screen: string) => void = () => {},
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const env = { ...home.env, TERM: "xterm-256color", SHELL: "/bin/sh" }
    const child = spawn("script", ["-qec", `stty cols 110 rows 40; ${command}`, "/dev/null"], {
      cwd: home.project,
      env,
      detached: true,
    })
    const waiting = [...keys]
    let output = ""
    let seen = 0
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += stripVTControlCharacters(chunk)
      onScreen(output)
      const next = waiting[0]
      if (next === undefined || !output.slice(seen).includes(next.after)) return
      seen = output.length
      waiting.shift()
      child.stdin.write(next.type)
    })
    const timer = setTimeout(() => killTree(child), TIMEOUT_MS)
    child.on("error", reject)
    child.on("close", (code) => {
      clearTimeout(timer)
      resolve({ code, stdout: output, stderr: "", output })
    })
  })
}

/** Runs OpenCode in a terminal and returns everything that it wrote, including control characters. */
export async function rawTerminal(home: ThrowawayHome, args: readonly string[]): Promise<string> {
  const record = join(home.root, "terminal.raw")
  // The inner `script` records the raw output.
  await runInTerminal(shellCommand(["script", "-qec", shellCommand([opencodeBinary, ...args]), record]), home, [])
  return readFile(record, "utf8")
}
