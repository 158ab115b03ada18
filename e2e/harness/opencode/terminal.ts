import { spawn, spawnSync } from "node:child_process"
import { stripVTControlCharacters } from "node:util"
import { killTree, type ProcessResult } from "../shared/run-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

const TIMEOUT_MS = 150_000

/** Why a real terminal cannot be had here, if so: util-linux's `script` makes one. */
export const terminalMissing =
  process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
    ? undefined
    : "needs util-linux's script"

/** Something a person types once a text is on the screen. */
export interface Keys {
  readonly after: string
  readonly type: string
}

/**
 * Runs a shell command in a terminal of its own, as a person types it.
 * @param keys typed in this order
 * @param onScreen told of all that was on the screen so far, each time something new is
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
