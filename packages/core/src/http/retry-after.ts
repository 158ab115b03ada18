/** Nobody means more, ms. */
const LONGEST_MS = 31 * 24 * 3_600_000

/**
 * The wait a `Retry-After` header asks for, ms from `now` (epoch ms); undefined when absent or unreadable.
 * Seconds or an HTTP date (RFC 9110 §10.2.3).
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim()
  if (value === undefined || value === "") return undefined
  if (/^[\d.+-]+$/.test(value)) return /^\d+(\.\d+)?$/.test(value) ? bounded(Number(value) * 1000) : undefined
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : bounded(date - now)
}

function bounded(ms: number): number {
  return Math.min(Math.max(0, ms), LONGEST_MS)
}

/** A wait as a person says it: `30 seconds`, `2 minutes`, `3 hours`. */
export function waitInWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`
}
