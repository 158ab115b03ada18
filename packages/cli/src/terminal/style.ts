import { variable, type World } from "../world.ts"

/** Styles a text for a terminal. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
}

/** Whether control codes may be written to standard output: it is a terminal that knows them. */
export function isTerminal({ stdout, ...world }: Pick<World, "stdout" | "sources">): boolean {
  return stdout.isTTY === true && variable(world, "TERM") !== "dumb"
}

/** Whether colours may be written to standard output (https://no-color.org). */
export function hasColours(world: Pick<World, "stdout" | "sources">): boolean {
  return isTerminal(world) && variable(world, "NO_COLOR") === undefined
}

/** Returns the styles for standard output; without colours they return the text itself. */
export function styleFor(world: Pick<World, "stdout" | "sources">): Style {
  const colours = hasColours(world)
  const code = (open: number, close: number) => (text: string) =>
    colours ? `\x1b[${open}m${text}\x1b[${close}m` : text
  return { bold: code(1, 22), dim: code(2, 22), good: code(32, 39), bad: code(31, 39) }
}
