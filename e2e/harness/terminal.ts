import { spawn, spawnSync } from "node:child_process"
import { stripVTControlCharacters } from "node:util"
import { killTree, type ProcessResult } from "./run-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

const TIMEOUT_MS = 60_000

/** Why a real terminal cannot be had here, if so: util-linux's `script` makes one. */
export const terminalMissing =
  process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
    ? undefined
    : "needs util-linux's script"

/** Runs a program in a terminal of its own and types something once a text is on the screen. */
export function runInTerminal(
  file: string,
  args: readonly string[],
  home: ThrowawayHome,
  keys: { readonly after: string; readonly type: string },
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const command = [file, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")
    const env = { ...home.env, TERM: "xterm-256color", SHELL: "/bin/sh" }
    const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: home.project, env, detached: true })
    let output = ""
    let typed = false
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += stripVTControlCharacters(chunk)
      if (typed || !output.includes(keys.after)) return
      typed = true
      child.stdin.write(keys.type)
    })
    const timer = setTimeout(() => killTree(child), TIMEOUT_MS)
    child.on("error", reject)
    child.on("close", (code) => {
      clearTimeout(timer)
      resolve({ code, stdout: output, stderr: "", output })
    })
  })
}
