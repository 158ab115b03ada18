import type { Clock } from "../clock.ts"

/** A clock that stands still until a test moves it. */
export interface MovableClock extends Clock {
  advance(seconds: number): void
}

export function movableClock(): MovableClock {
  let now = Date.UTC(2026, 10, 1)
  return {
    now: () => now,
    advance: (seconds) => {
      now += seconds * 1000
    },
  }
}
