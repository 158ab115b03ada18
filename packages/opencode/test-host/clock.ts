import { setTimeout as wait } from "node:timers/promises"

/** The host's time. */
export interface HostClock {
  /** epoch ms */
  now(): number
  /** A wait of the host before it goes on: a retry, a debounced reload. An aborted signal ends it. */
  pause(ms: number, signal?: AbortSignal): Promise<void>
  /** The end of a time limit. The signal ends the wait, which then never resolves. */
  limit(ms: number, signal: AbortSignal): Promise<void>
}

export const systemClock: HostClock = {
  now: () => Date.now(),
  pause: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {}),
  limit: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener("abort", () => clearTimeout(timer), { once: true })
    }),
}

/** A clock that a test moves. */
export interface FakeClock extends HostClock {
  /** Every pause that has ended, ms. */
  readonly pauses: number[]
  /** Moves the clock and ends the waits that are then over. */
  advance(ms: number): void
  /** The number of limits and pauses that have not ended. */
  open(): number
}

/** The time at which every fake clock starts, epoch ms. */
export const START = Date.parse("2026-11-26T10:00:00Z")

/**
 * A clock for tests. Limits end by `advance` alone, because a request over loopback takes real time.
 * @param pauses with "held", pauses end by `advance` as well; otherwise the clock jumps to the end of each pause
 */
export function fakeClock(pauses: "skipped" | "held" = "skipped"): FakeClock {
  let time = START
  const ended: number[] = []
  const open = new Set<{ readonly at: number; readonly end: () => void }>()

  /** @returns false if the signal ended the wait */
  function until(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const entry = {
        at: time + ms,
        end: () => {
          open.delete(entry)
          resolve(true)
        },
      }
      open.add(entry)
      const abort = () => {
        if (open.delete(entry)) resolve(false)
      }
      signal?.addEventListener("abort", abort, { once: true })
    })
  }

  const clock: FakeClock = {
    pauses: ended,
    now: () => time,
    open: () => open.size,
    advance(ms) {
      time += ms
      for (const entry of [...open].sort((a, b) => a.at - b.at)) if (entry.at <= time) entry.end()
    },
    async limit(ms, signal) {
      if (!(await until(ms, signal))) await new Promise(() => {})
    },
    async pause(ms, signal) {
      const end = until(ms, signal)
      if (pauses === "skipped") setImmediate(() => clock.advance(ms))
      if (await end) ended.push(ms)
    },
  }
  return clock
}
