import type { World } from "../world.ts"
import { isTerminal } from "./style.ts"

/** A line at the bottom of the terminal that is rewritten. Without a terminal nothing is written. */
export interface StatusLine {
  /** Shows the first of these texts that fits. The last one is cut if it is too long. */
  show(...texts: readonly [string, ...string[]]): void
  /** Removes the line. */
  clear(): void
}

/** Creates a status line on standard output. */
export function statusLine(world: Pick<World, "stdout" | "sources">): StatusLine {
  if (!isTerminal(world)) return { show() {}, clear() {} }
  const { stdout } = world
  let shown = ""
  return {
    show(...texts) {
      // A line that wraps could not be removed.
      const width = Math.max(0, (stdout.columns ?? 80) - 1)
      const text = texts.find(({ length }) => length <= width) ?? texts.at(-1) ?? ""
      const line = text.slice(0, width)
      if (line === shown) return
      shown = line
      stdout.write(`\r\x1b[K${line}`)
    },
    clear() {
      if (shown !== "") stdout.write("\r\x1b[K")
      shown = ""
    },
  }
}

/** Formats a duration in ms as minutes and seconds, for example `14:05`. A negative duration is `0:00`. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}
