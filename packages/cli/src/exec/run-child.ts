import { spawn } from "node:child_process"
import { constants } from "node:os"
import type { SpawnPlan } from "./spawn-plan.ts"

/** The signals that are passed on to the child. */
const PASSED = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"] as const
type PassedSignal = (typeof PASSED)[number]

/** Where this process receives signals. */
export interface SignalSource {
  on(signal: PassedSignal, listener: (signal: PassedSignal) => void): unknown
  off(signal: PassedSignal, listener: (signal: PassedSignal) => void): unknown
}

/** How a child is run. */
export interface ChildOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signals: SignalSource
  /**
   * Whether this process has a terminal, as any of its standard streams. The terminal itself sends Ctrl-C to the child,
   * which would otherwise receive it twice.
   */
  readonly terminal: boolean
}

/** A command that could not be started. */
export class CommandNotStarted extends Error {
  override readonly name = "CommandNotStarted"
  /** As shells report it: 127 for a command that does not exist, 126 for one that cannot be run. */
  readonly exitCode: 126 | 127

  constructor(exitCode: 126 | 127, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * Runs a command with the terminal, files and signals of this process.
 * @returns its exit code; 128 + the number of the signal that ended it
 * @throws CommandNotStarted
 */
export function runChild({ file, args, verbatim }: SpawnPlan, options: ChildOptions): Promise<number> {
  const { environment: env, signals, terminal } = options
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], { stdio: "inherit", env, windowsVerbatimArguments: verbatim })
    const pass = (signal: PassedSignal) => {
      if (!terminal || (signal !== "SIGINT" && signal !== "SIGQUIT")) child.kill(signal)
    }
    for (const signal of PASSED) signals.on(signal, pass)
    const ended = () => {
      for (const signal of PASSED) signals.off(signal, pass)
    }
    child.once("error", (error) => {
      ended()
      reject(notStarted(file, error))
    })
    child.once("exit", (code, signal) => {
      ended()
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

function notStarted(file: string, error: Error): CommandNotStarted {
  const code = "code" in error ? String(error.code) : "unknown error"
  if (code === "ENOENT") return new CommandNotStarted(127, `The command ${file} was not found.`)
  return new CommandNotStarted(126, `The command ${file} cannot be run (${code}).`)
}
