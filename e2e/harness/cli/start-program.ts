import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"

/** A running program without standard input. */
export interface StartedProgram {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** Everything that it has printed so far. */
  readonly output: { stdout: string; stderr: string }
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

/** Starts a program without standard input, and collects its output. */
export function startProgram(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): StartedProgram {
  const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
  const output = { stdout: "", stderr: "" }
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text
    })
  }
  const ended = once(child, "close").then(([code, signal]: unknown[]) =>
    code === null ? String(signal) : Number(code),
  )
  return { child, output, ended }
}
