import type { Platform } from "qwen-auth-core"
import type { SettingSources } from "qwen-auth-local/settings"
import type { SignalSource } from "../exec/run-child.ts"

/** What commands use of this process. Tests replace it. */
export interface CommandWorld {
  readonly platform: Platform
  readonly sources: SettingSources
  readonly system: { readonly platform: NodeJS.Platform; readonly arch: string }
  readonly signals: SignalSource
  /** True if standard input is a terminal. */
  readonly terminal: boolean
  /** Writes to standard output. */
  print(text: string): void
  /** Writes to standard error. */
  report(text: string): void
  /** Returns true if a path is a file. */
  isFile(path: string): boolean
}

/** A command of `qwen-auth`. */
export interface Command {
  /** Shown by `qwen-auth COMMAND --help`. */
  readonly help: string
  /**
   * @param args the arguments after the command's name
   * @returns the exit code
   * @throws UsageError; QwenAuthError
   */
  run(args: readonly string[], world: CommandWorld): Promise<number>
}

/** Arguments that the command does not understand. The message says which. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}
