import type { Readable } from "node:stream"
import type { Platform } from "qwen-auth-core"
import type { SettingSources } from "qwen-auth-local/paths"
import type { SignalSource } from "./exec/run-child.ts"

/** The standard input of a command. */
export interface Input extends Pick<Readable, "on" | "off" | "pause" | "resume" | "unshift"> {
  readonly isTTY?: boolean | undefined
  /** Turns the echo and the line editing of a terminal off or on. A pipe has no such function. */
  setRawMode?(raw: boolean): unknown
}

/** The standard output or the standard error of a command. */
interface Output {
  readonly isTTY?: boolean | undefined
  /** The width of the terminal. */
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Everything outside of this program that a command uses. Tests replace it. */
export interface World {
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  /** Environment, home folder and temporary folder. */
  readonly sources: SettingSources
  readonly system: NodeJS.Platform
  readonly arch: string
  /** The version of Node.js. */
  readonly nodeVersion: string
  /** The folder in which the command was started. */
  readonly folder: string
  /** The folder of this program. */
  readonly programFolder: string
  readonly platform: Platform
  /** Where this process receives signals. */
  readonly signals: SignalSource
  /** Opens a URL in the user's browser. @throws the error of an opener that cannot be started */
  openInBrowser(url: string): Promise<void>
  /** Whether a path is a file. */
  isFile(path: string): boolean
}

/** Returns a variable of the environment; undefined if it is not set or empty. */
export function variable(world: Pick<World, "sources">, name: string): string | undefined {
  return world.sources.environment[name] || undefined
}
