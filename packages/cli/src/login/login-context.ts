import type { Values } from "../commands/command.ts"
import type { ComputerSignIn } from "../sign-in.ts"
import type { World } from "../world.ts"

/** The output of a login: events for a program, or text for a user. */
export interface LoginOutput {
  readonly json: boolean
  /** Prints a text for a user; nothing with `--json`. */
  say(text: string): void
  /** Prints an event for a program; nothing without `--json`. */
  event(name: string, fields?: Readonly<Record<string, unknown>>): void
}

/** The input of every way to sign in. */
export interface LoginContext {
  readonly world: World
  readonly values: Values
  readonly signIn: ComputerSignIn
  readonly output: LoginOutput
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
}

/** Creates the output of a login. */
export function loginOutput({ stdout }: Pick<World, "stdout">, json: boolean): LoginOutput {
  return {
    json,
    say: (text) => void (json || stdout.write(`${text}\n`)),
    event: (name, fields = {}) => void (json && stdout.write(`${JSON.stringify({ event: name, ...fields })}\n`)),
  }
}
