import { randomUUID } from "node:crypto"
import { jsonReply, type Reply } from "../http/reply.ts"

/** The Token Plan's quotas by period. */
type Quota = "month" | "week"

const DAY_MS = 24 * 60 * 60_000
/** The hour (UTC) at which a quota resets, and the minimum number of days until then. */
const RESET_HOUR = 16
const LEAST_DAYS: Readonly<Record<Quota, number>> = { month: 12, week: 3 }

/** The chat API's error when the Token Plan's quota is used up. */
export function quotaUsedUp(quota: Quota, now: number): Reply {
  const message = usedUpMessage(quota, now)
  const error = { message, type: "insufficient_quota", code: "insufficient_quota" }
  return jsonReply(429, { error }, retryAfter(quota, now))
}

/** The same error of the Anthropic and native routes. */
export function quotaUsedUpNatively(quota: Quota, now: number): Reply {
  const document = { code: "Throttling.AllocationQuota", message: usedUpMessage(quota, now), request_id: randomUUID() }
  return jsonReply(429, document, retryAfter(quota, now))
}

function usedUpMessage(quota: Quota, now: number): string {
  const [date = "", time = ""] = new Date(resetOf(quota, now)).toISOString().split("T")
  const reset = `${date.slice("YYYY-".length)} ${time.slice(0, "HH:MM:SS".length)} UTC`
  return `Your token-plan 1-${quota} quota has been exhausted. The quota will reset at ${reset}.`
}

function retryAfter(quota: Quota, now: number): Record<string, string> {
  return { "retry-after": String(Math.ceil((resetOf(quota, now) - now) / 1000)) }
}

function resetOf(quota: Quota, now: number): number {
  const earliest = now + LEAST_DAYS[quota] * DAY_MS
  const onThatDay = new Date(earliest).setUTCHours(RESET_HOUR, 0, 0, 0)
  return onThatDay < earliest ? onThatDay + DAY_MS : onThatDay
}
