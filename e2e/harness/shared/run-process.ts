import { type ChildProcess, spawn } from "node:child_process"
import { stripVTControlCharacters } from "node:util"

/** The result of a process. The output has no colours. `code` is `null` when a signal ended the process. */
export interface ProcessResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Standard output and standard error in order of arrival. */
  readonly output: string
}

/** Options of {@link runProcess}. */
export interface ProcessOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Called with each piece of output, without colours. */
  readonly onOutput?: (text: string) => void
  /** Kills the process and all its children. */
  readonly signal?: AbortSignal
  /** Time after which they are killed too. */
  readonly timeoutMs: number
}

/** Runs a program without standard input until it ends. Rejects only when it cannot be started. */
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
    const result = { stdout: "", stderr: "", output: "" }
    const collect = (stream: "stdout" | "stderr") => (chunk: string) => {
      const text = stripVTControlCharacters(chunk)
      result[stream] += text
      result.output += text
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
      resolve({ code, ...result })
    })
  })
}

/** Kills a process and, on systems with process groups, all processes that it started. */
export function killTree(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal)
  } catch {
    // It ended between the check and the kill.
  }
}
