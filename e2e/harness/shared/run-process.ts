import { type ChildProcess, spawn } from "node:child_process"
import { stripVTControlCharacters } from "node:util"

/** How a process ended, its output without colours. `code` is null when a signal ended it. */
export interface ProcessResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Both, in the order they came. */
  readonly output: string
}

/** What a process gets. */
export interface ProcessOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Told of each piece of output as it comes, without colours. */
  readonly onOutput?: (text: string) => void
  /** Ends the process and all its children. */
  readonly signal?: AbortSignal
  /** Ends it likewise, ms. */
  readonly timeoutMs: number
}

/** Runs a program to its end, with no standard input. Rejects only when it cannot be started. */
export function runProcess(
  file: string,
  args: readonly string[],
  { cwd, env, onOutput, signal, timeoutMs }: ProcessOptions,
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    })
    const said = { stdout: "", stderr: "", output: "" }
    const collect = (stream: "stdout" | "stderr") => (chunk: string) => {
      const text = stripVTControlCharacters(chunk)
      said[stream] += text
      said.output += text
      onOutput?.(text)
    }
    child.stdout.setEncoding("utf8").on("data", collect("stdout"))
    child.stderr.setEncoding("utf8").on("data", collect("stderr"))
    const end = () => killTree(child)
    const timer = setTimeout(end, timeoutMs)
    signal?.addEventListener("abort", end, { once: true })
    if (signal?.aborted) end()
    const clean = () => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", end)
    }
    child.on("error", (error) => {
      clean()
      reject(error)
    })
    child.on("close", (code) => {
      clean()
      resolve({ code, ...said })
    })
  })
}

/** Ends a process and, where the system has process groups, everything it started. */
export function killTree(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal)
  } catch {
    // It ended between the check and the kill.
  }
}
