import type { World } from "../world.ts"

/** What a login tells: events for a program, or text for a person. */
export interface LoginOutput {
  /** Prints a text for a person; nothing with `--json`. */
  say(text: string): void
  /** Prints an event for a program; nothing without `--json`. */
  event(name: string, fields?: Readonly<Record<string, unknown>>): void
  readonly json: boolean
}

/** Creates the output of a login. */
export function loginOutput({ stdout }: Pick<World, "stdout">, json: boolean): LoginOutput {
  return {
    json,
    say: (text) => {
      if (!json) stdout.write(`${text}\n`)
    },
    event: (name, fields = {}) => {
      if (json) stdout.write(`${JSON.stringify({ event: name, ...fields })}\n`)
    },
  }
}
