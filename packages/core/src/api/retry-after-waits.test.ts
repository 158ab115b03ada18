import { keyRequests, ROUTES } from "qwen-auth-testing/chat-requests"
import { START } from "qwen-auth-testing/fake-platform"
import { expiring, managed } from "qwen-auth-testing/managed"
import { empty } from "qwen-auth-testing/replies"
import { MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { secretOf } from "../credentials/credential.ts"

const date = (offsetMs: number) => new Date(START + offsetMs).toUTCString()
/** The `Date` of a response from a server whose clock is an hour ahead of ours. */
const AN_HOUR_AHEAD = { date: date(60 * MINUTE) }

/** The service requested no wait. The host and the refresh use their own intervals. */
const NO_WAIT = { host: null, expired: [0, 1, 3, 4, 5], valid: [0, 30, 60, 90] }

interface Waits {
  /** The Retry-After that the host gets, s; null if it gets none. */
  readonly host: string | null
  /** The times of the first five refreshes, s, when an expired token is requested every second. */
  readonly expired: readonly number[]
  /** The times of all refreshes within 100 s, s, when a valid token is requested every ten seconds. */
  readonly valid: readonly number[]
}

const TABLE: readonly [name: string, headers: Record<string, string>, waits: Waits][] = [
  ["absent", {}, NO_WAIT],
  ["empty", { "retry-after": "" }, NO_WAIT],
  ["0", { "retry-after": "0" }, NO_WAIT],
  ["0.0", { "retry-after": "0.0" }, NO_WAIT],
  ["-1", { "retry-after": "-1" }, NO_WAIT],
  ["+5", { "retry-after": "+5" }, NO_WAIT],
  ["1e3", { "retry-after": "1e3" }, NO_WAIT],
  ["soon 5", { "retry-after": "soon 5" }, NO_WAIT],
  ["a date that has passed", { "retry-after": date(-MINUTE) }, NO_WAIT],
  ["now", { "retry-after": date(0), date: date(0) }, NO_WAIT],
  [
    "a date that has passed by the response's Date, but not by our clock",
    { "retry-after": date(59 * MINUTE), ...AN_HOUR_AHEAD },
    NO_WAIT,
  ],
  ["0.2", { "retry-after": "0.2" }, { host: "1", expired: [0, 1, 3, 4, 5], valid: [0, 30, 60, 90] }],
  ["1", { "retry-after": "1" }, { host: "1", expired: [0, 1, 3, 4, 5], valid: [0, 30, 60, 90] }],
  ["4", { "retry-after": "4" }, { host: "4", expired: [0, 4, 8, 12, 16], valid: [0, 30, 60, 90] }],
  ["6", { "retry-after": "6" }, { host: "6", expired: [0, 6, 12, 18, 24], valid: [0, 30, 60, 90] }],
  ["40", { "retry-after": "40" }, { host: "40", expired: [0, 40, 80, 120, 160], valid: [0, 40, 80] }],
  ["3600", { "retry-after": "3600" }, { host: "60", expired: [0, 60, 120, 180, 240], valid: [0] }],
  [
    "a number with 400 digits",
    { "retry-after": "9".repeat(400) },
    { host: "60", expired: [0, 60, 120, 180, 240], valid: [0] },
  ],
  [
    "a date 40 s after the response's Date",
    { "retry-after": date(60 * MINUTE + 40_000), ...AN_HOUR_AHEAD },
    { host: "40", expired: [0, 40, 80, 120, 160], valid: [0, 40, 80] },
  ],
  [
    "a date in the asctime format, which is UTC in every time zone",
    { "retry-after": "Mon Nov  2 10:00:40 2026", date: date(0) },
    { host: "40", expired: [0, 40, 80, 120, 160], valid: [0, 40, 80] },
  ],
  [
    "a date in a response without a Date",
    { "retry-after": date(40_000) },
    { host: "40", expired: [0, 40, 41, 43, 44], valid: [0, 40, 70, 100] },
  ],
]

describe.each(TABLE)("the Retry-After header (%s)", (_, headers, waits) => {
  it.each([429, 503])("determines the wait after a %i of the API", async (status) => {
    for (const [, requests] of ROUTES) {
      const { chat } = requests({ replies: [empty(status, headers)] })
      const response = await chat()
      // With a key, a wait of days means that the quota is used up.
      const usedUp = status === 429 && requests === keyRequests && (headers["retry-after"] ?? "").length > 300
      const expected = usedUp ? [403, null] : [status, waits.host]
      expect([response.status, response.headers.get("retry-after")]).toEqual(expected)
    }
  })

  it.each([429, 503])("determines the wait after a %i of the token endpoint, for an expired token", async (status) => {
    const { manager, platform } = managed({ stored: expiring(0), rest: empty(status, headers), autoAdvance: true })
    while (platform.requests.length < 5) {
      await manager.getCredential().catch(() => {})
      platform.pass(1_000)
    }
    expect(seconds(platform.requestTimes()).slice(0, 5)).toEqual(waits.expired)
  })

  it.each([429, 503])("determines the wait after a %i of the token endpoint, for a valid token", async (status) => {
    const { manager, platform } = managed({ stored: expiring(4 * MINUTE), rest: empty(status, headers) })
    for (let second = 0; second <= 100; second += 10) {
      expect(secretOf(await manager.getCredential())).toBe("access-1")
      platform.pass(10_000)
    }
    expect(seconds(platform.requestTimes())).toEqual(waits.valid)
  })
})

const seconds = (times: readonly number[]) => times.map((ms) => ms / 1_000)
