/** Nobody means more, ms. */
const LONGEST_MS = 31 * 24 * 3_600_000

/** The three forms of RFC 9110 §5.6.7 and ISO 8601 have a time of day. `Date.parse` reads much more: "soon 5" is May 2001. */
const TIME_OF_DAY = /\d\d:\d\d:\d\d/
/** RFC 9110 §5.6.7: an asctime date has no zone and is UTC. `Date.parse` takes it for local time. */
const ASCTIME = /^\w{3} \w{3} [\d ]\d \d\d:\d\d:\d\d \d{4}$/

/**
 * The wait that a `Retry-After` header asks for (RFC 9110 §10.2.3), more than 0 ms and at most 31 days; undefined when the header
 * is absent, unreadable, zero, negative or a date that has passed: a service that says "at once" does not say how long.
 * A date is compared with the answer's own `Date`, and with `now` (epoch ms) when there is none.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? ""
  const waitMs = /^\d+(\.\d+)?$/.test(value)
    ? Number(value) * 1000
    : epochMs(value) - orElse(epochMs(headers.get("date")?.trim() ?? ""), now)
  return waitMs > 0 ? Math.min(waitMs, LONGEST_MS) : undefined
}

/** A date in epoch ms, or NaN. */
function epochMs(date: string): number {
  if (!TIME_OF_DAY.test(date)) return Number.NaN
  return Date.parse(ASCTIME.test(date) ? `${date} GMT` : date)
}

function orElse(ms: number, otherwise: number): number {
  return Number.isNaN(ms) ? otherwise : ms
}

/** A wait as a person says it: `30 seconds`, `2 minutes`, `3 hours`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`
}
