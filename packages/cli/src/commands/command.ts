import type { World } from "../world.ts"

/** An option of a command. */
export interface Option {
  readonly name: string
  readonly short?: string
  /** The name of its value in the help. A switch has none. */
  readonly value?: string
  /** The values that it can have. */
  readonly choices?: readonly string[]
  /** Whether it may be given more than once. */
  readonly multiple?: boolean
  readonly summary: string
}

/** The values of the options that were given. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** How a command was called. */
export interface Call {
  readonly values: Values
  /** The arguments that are not options. */
  readonly positionals: readonly string[]
  /** The arguments after `--`; undefined without it. */
  readonly rest: readonly string[] | undefined
  readonly world: World
  /** All commands. */
  readonly commands: readonly Command[]
}

/** The code of a command. */
interface CommandModule {
  /** @returns the exit status */
  run(call: Call): Promise<number>
}

/** The help and the options of a command. They are read without its code. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** What the help shows after the name. */
  readonly usage: string
  /** The choices for its first argument. */
  readonly choices?: readonly string[]
  /** How many arguments it takes; none by default. */
  readonly arguments?: { readonly min: number; readonly max: number }
  readonly options: readonly Option[]
  /** Whether it takes the command line of another program after `--`. */
  readonly takesRest?: boolean
  /** Commands that work, with what each does. */
  readonly examples: readonly (readonly [command: string, what: string])[]
  /** More paragraphs for the help. */
  readonly notes?: readonly string[]
  load(): Promise<CommandModule>
}

/** Returns the text of an option; undefined if it was not given. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === "string" ? value : undefined
}

/** Returns the texts of an option that may be given more than once. */
export function textsOf(values: Values, name: string): string[] {
  const value = values[name]
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : []
}
