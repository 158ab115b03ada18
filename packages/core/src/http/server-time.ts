/** A smaller difference is caused by delay and rounding, because `Date` has whole seconds. */
const MIN_SKEW_MS = 60_000
/** Earlier dates come from clocks that were never set, epoch ms. */
const EARLIEST = Date.UTC(2024, 0)

/**
 * Returns how far the server's clock is ahead of the local clock, ms, according to the `Date` header of a response (RFC
 * 9110 §6.6.1). Returns 0 if the clocks agree within a minute, undefined if the response has no usable date. Tokens
 * expire by the server's clock, and a user's clock can be hours off.
 * @param now the local time, epoch ms
 */
export function clockSkewMs(headers: Headers, now: number): number | undefined {
  const date = Date.parse(headers.get("date") ?? "")
  // A response with `Age` comes from a cache and has an old date (RFC 9111 §5.1).
  if (Number.isNaN(date) || date < EARLIEST || headers.has("age")) return undefined
  const skew = date - now
  return Math.abs(skew) > MIN_SKEW_MS ? skew : 0
}
