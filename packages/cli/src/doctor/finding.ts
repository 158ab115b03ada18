import { fileProblem } from "../setup/config-text.ts"
import type { StoredSignIn } from "../stored-sign-in.ts"
import type { World } from "../world.ts"

/** The result of a check. It contains no secret. */
export interface Finding {
  /** The subject of the check, in one or two words. */
  readonly check: string
  /** `note`: worth knowing, but nothing is wrong. */
  readonly state: "ok" | "note" | "problem"
  /** The result in one sentence. */
  readonly message: string
  /** What the user can do. Every problem has one. */
  readonly remedy?: string | undefined
}

/** The parts of the world that only the checks use. Tests replace them. */
export interface Probes {
  /** Runs a program. Returns its standard output; undefined if it cannot be started, fails or is aborted. */
  output(command: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined>
  /** Imports a module from an absolute path. @throws what the module throws */
  importModule(path: string): Promise<unknown>
  /** Returns whether a port of this computer is free, used by our gateway or by another program. */
  portUse(port: number): Promise<"free" | "gateway" | "other">
}

/** The input of a check. */
export interface CheckContext {
  readonly world: World
  readonly probes: Probes
  readonly signIn: StoredSignIn
  readonly signal: AbortSignal
}

/** A group of checks. It never throws because of what it checks. */
export type Check = (context: CheckContext) => Promise<Finding[]>

export const ok = (check: string, message: string): Finding => ({ check, state: "ok", message })
export const note = (check: string, message: string): Finding => ({ check, state: "note", message })
export const problem = (check: string, message: string, remedy: string): Finding => ({
  check,
  state: "problem",
  message,
  remedy,
})

/** Reports a file that could not be read. */
export const unreadable = (check: string, path: string, error: unknown): Finding =>
  problem(check, `${path} cannot be read: ${fileProblem(error) ?? "unknown error"}.`, "Correct or remove it.")
