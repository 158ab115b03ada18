/** Below this a difference is delay and rounding (`Date` counts whole seconds), above it a clock is wrong. */
const NOTICEABLE_MS = 60_000
/** Nothing of this existed before, epoch ms. */
const EARLIEST = Date.UTC(2024, 0)

/**
 * What the server's clock is ahead of ours, ms, by the `Date` header of an answer (RFC 9110 §6.6.1): 0 when the clocks agree,
 * undefined when the answer does not say. Tokens end by the server's clock, and people's clocks are sometimes hours off.
 * @param now epoch ms by our clock
 */
export function clockSkewMs(headers: Headers, now: number): number | undefined {
  const date = Date.parse(headers.get("date") ?? "")
  // A cached answer (RFC 9111 §5.1) tells an old time, and a server that was never set tells none.
  if (Number.isNaN(date) || date < EARLIEST || headers.has("age")) return undefined
  const skew = date - now
  return Math.abs(skew) > NOTICEABLE_MS ? skew : 0
}
