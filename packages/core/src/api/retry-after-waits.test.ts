import { accountRequests, CHAT_URL, keyRequests, POST } from "qwen-auth-testing/chat-requests"
import { START } from "qwen-auth-testing/fake-platform"
import { expiring, managed } from "qwen-auth-testing/managed"
import { empty } from "qwen-auth-testing/replies"
import { MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { secretOf } from "../credentials/credential.ts"

const date = (offsetMs: number) => new Date(START + offsetMs).toUTCString()
/** The answer's own `Date`, by a clock that is an hour ahead of ours. */
const AN_HOUR_AHEAD = { date: date(60 * MINUTE) }

/** No wait was asked for: the host waits as it does by itself, and the token endpoint is asked in our own time. */
const NOT_SAID = { host: null, dead: [0, 1, 3, 4, 5], alive: [0, 30, 60, 90] }

interface Waits {
  /** The Retry-After that the host gets, s; null for none. */
  readonly host: string | null
  /**
   * When the token endpoint is asked while the token is dead and somebody wants it each second, s: the first five
   * times.
   */
  readonly dead: readonly number[]
  /** The same while the token works and somebody wants it every ten seconds: all times within 100 s. */
  readonly alive: readonly number[]
}

const TABLE: readonly [name: string, headers: Record<string, string>, waits: Waits][] = [
  ["absent", {}, NOT_SAID],
  ["empty", { "retry-after": "" }, NOT_SAID],
  ["0", { "retry-after": "0" }, NOT_SAID],
  ["0.0", { "retry-after": "0.0" }, NOT_SAID],
  ["-1", { "retry-after": "-1" }, NOT_SAID],
  ["+5", { "retry-after": "+5" }, NOT_SAID],
  ["1e3", { "retry-after": "1e3" }, NOT_SAID],
  ["soon 5", { "retry-after": "soon 5" }, NOT_SAID],
  ["a date that has passed", { "retry-after": date(-MINUTE) }, NOT_SAID],
  ["now", { "retry-after": date(0), date: date(0) }, NOT_SAID],
  [
    "a date that has passed by the answer's own Date, not by our clock",
    { "retry-after": date(59 * MINUTE), ...AN_HOUR_AHEAD },
    NOT_SAID,
  ],
  ["0.2", { "retry-after": "0.2" }, { host: "1", dead: [0, 1, 3, 4, 5], alive: [0, 30, 60, 90] }],
  ["1", { "retry-after": "1" }, { host: "1", dead: [0, 1, 3, 4, 5], alive: [0, 30, 60, 90] }],
  ["4", { "retry-after": "4" }, { host: "4", dead: [0, 4, 8, 12, 16], alive: [0, 30, 60, 90] }],
  ["6", { "retry-after": "6" }, { host: "6", dead: [0, 6, 12, 18, 24], alive: [0, 30, 60, 90] }],
  ["40", { "retry-after": "40" }, { host: "40", dead: [0, 40, 80, 120, 160], alive: [0, 40, 80] }],
  ["3600", { "retry-after": "3600" }, { host: "60", dead: [0, 60, 120, 180, 240], alive: [0] }],
  [
    "a number without end",
    { "retry-after": "9".repeat(400) },
    { host: "60", dead: [0, 60, 120, 180, 240], alive: [0] },
  ],
  [
    "a date, 40 s after the answer's own Date",
    { "retry-after": date(60 * MINUTE + 40_000), ...AN_HOUR_AHEAD },
    { host: "40", dead: [0, 40, 80, 120, 160], alive: [0, 40, 80] },
  ],
  [
    "a date of the oldest form, which is UTC wherever we are",
    { "retry-after": "Mon Nov  2 10:00:40 2026", date: date(0) },
    { host: "40", dead: [0, 40, 80, 120, 160], alive: [0, 40, 80] },
  ],
  [
    "a date without a Date to compare it with",
    { "retry-after": date(40_000) },
    { host: "40", dead: [0, 40, 41, 43, 44], alive: [0, 40, 70, 100] },
  ],
]

describe.each(TABLE)("Retry-After %s", (_, headers, waits) => {
  it.each([429, 503])("in a chat's %i", async (status) => {
    for (const requests of [accountRequests, keyRequests]) {
      const { qwenFetch } = requests({ replies: [empty(status, headers)] })
      const response = await qwenFetch(CHAT_URL, POST)
      // A key whose plan asks for days is used up.
      const hopeless = status === 429 && requests === keyRequests && (headers["retry-after"] ?? "").length > 300
      const expected = hopeless ? [403, null] : [status, waits.host]
      expect([response.status, response.headers.get("retry-after")]).toEqual(expected)
    }
  })

  it.each([429, 503])("in the token endpoint's %i, while the token is dead", async (status) => {
    const { manager, platform } = managed({ stored: expiring(0), rest: empty(status, headers), autoAdvance: true })
    while (platform.requests.length < 5) {
      await manager.getCredential().catch(() => {})
      platform.pass(1_000)
    }
    expect(seconds(platform.requestTimes()).slice(0, 5)).toEqual(waits.dead)
  })

  it.each([429, 503])("in the token endpoint's %i, while the token works", async (status) => {
    const { manager, platform } = managed({ stored: expiring(4 * MINUTE), rest: empty(status, headers) })
    for (let second = 0; second <= 100; second += 10) {
      expect(secretOf(await manager.getCredential())).toBe("access-1")
      platform.pass(10_000)
    }
    expect(seconds(platform.requestTimes())).toEqual(waits.alive)
  })
})

const seconds = (times: readonly number[]) => times.map((ms) => ms / 1_000)
