/** A longer wait is a mistake of the server. */
const MAX_WAIT_MS = 31 * 24 * 3_600_000

/**
 * All date formats of RFC 9110 §5.6.7 and ISO 8601 have a time of day. `Date.parse` accepts more: "soon 5" is May 2001.
 */
const TIME_OF_DAY = /\d\d:\d\d:\d\d/
/** RFC 9110 §5.6.7: an asctime date has no zone and is UTC. `Date.parse` would read it as local time. */
const ASCTIME = /^\w{3} \w{3} [\d ]\d \d\d:\d\d:\d\d \d{4}$/

/**
 * Returns the wait that a `Retry-After` header asks for (RFC 9110 §10.2.3), ms, at most 31 days. Returns undefined if
 * the header is absent, invalid, zero, negative or a past date: such a header gives no usable wait.
 * @param now the current time, epoch ms; a date is compared with it if the response has no valid `Date` header
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? ""
  const sentAt = epochMs(headers.get("date")?.trim() ?? "")
  const waitMs = /^\d+(\.\d+)?$/.test(value)
    ? Number(value) * 1000
    : epochMs(value) - (Number.isNaN(sentAt) ? now : sentAt)
  return waitMs > 0 ? Math.min(waitMs, MAX_WAIT_MS) : undefined
}

/** Returns a date as epoch ms, or NaN if it is invalid. */
function epochMs(date: string): number {
  if (!TIME_OF_DAY.test(date)) return Number.NaN
  return Date.parse(ASCTIME.test(date) ? `${date} GMT` : date)
}

/** Returns a duration in words: `30 seconds`, `2 minutes`, `3 hours`. Rounds up. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`
}
