import { fakePlatform, type Reply, START } from "qwen-auth-testing/fake-platform"
import { refusal, renewal } from "qwen-auth-testing/managed"
import { BLOCKED_CONNECTIONS, empty, networkError, page, silence } from "qwen-auth-testing/replies"
import { credential, HOUR, SERVER } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { refreshWithRetry } from "./refresh-with-retry.ts"

async function refresh(replies: readonly Reply[], tokenUnusable = true) {
  const platform = fakePlatform({ replies })
  const outcome = await refreshWithRetry(platform, SERVER, credential(), { tokenUnusable, lock: HELD })
  return { platform, outcome, waits: platform.waits, attempts: platform.requests.length }
}

/** The lock is never taken over. */
const HELD = { isHeld: async () => true }

describe("a refresh while the token is valid", () => {
  it.each([
    ["a reset connection", networkError()],
    ["a web page", page(502)],
    ["429 with a Retry-After of one second", empty(429, { "retry-after": "1" })],
  ])("is tried once: %s", async (_, reply) => {
    const { outcome, attempts, waits } = await refresh([reply, renewal(2)], false)
    expect(outcome).toMatchObject({ kind: "unavailable", error: { code: "token_refresh_unavailable" } })
    expect([attempts, waits]).toEqual([1, []])
  })
})

describe("a refresh of a token that is no longer valid", () => {
  it.each([
    ["the first", [], []],
    ["the second", [networkError()], [1_000]],
    ["the third", [networkError(), page(503)], [1_000, 2_000]],
  ])("succeeds at %s attempt", async (_, failures, pauses) => {
    const { outcome, waits } = await refresh([...failures, renewal(2)])
    expect(outcome).toMatchObject({ kind: "refreshed", tokens: { accessToken: "access-2" } })
    expect(waits).toEqual(pauses)
  })

  it("fails after the third attempt, for the reason of the last one", async () => {
    const { outcome, attempts, waits } = await refresh([networkError(), networkError(), page(503), renewal(2)])
    expect(outcome).toMatchObject({ kind: "unavailable" })
    expect(outcome).toHaveProperty("error.message", expect.stringContaining("HTTP 503"))
    expect([attempts, waits]).toEqual([3, [1_000, 2_000]])
  })

  it("sends the same refresh token each time", async () => {
    const { platform } = await refresh([networkError(), networkError(), networkError()])
    expect(platform.requests.map(({ form }) => form["refresh_token"])).toEqual(["refresh-1", "refresh-1", "refresh-1"])
  })

  it.each([
    ["0", 1_000],
    ["0.2", 1_000],
    ["3", 3_000],
    ["5", 5_000],
    [new Date(START + 4_000).toUTCString(), 4_000],
  ])("waits as the server asks: Retry-After %s", async (value, ms) => {
    const { outcome, waits } = await refresh([empty(429, { "retry-after": value }), renewal(2)])
    expect(outcome.kind).toBe("refreshed")
    expect(waits).toEqual([ms])
  })

  it.each(["6", "3600", new Date(START + HOUR).toUTCString()])(
    "is not retried if the server asks for more than 5 s: Retry-After %s",
    async (value) => {
      const { outcome, attempts, waits } = await refresh([empty(429, { "retry-after": value }), renewal(2)])
      expect(outcome).toMatchObject({ kind: "unavailable", retryAfterMs: expect.any(Number) })
      expect([attempts, waits]).toEqual([1, []])
    },
  )

  it("waits 30 s for a silent server in each attempt", async () => {
    const { outcome, waits } = await refresh([silence, silence, silence])
    expect(outcome.kind).toBe("unavailable")
    expect(waits).toEqual([30_000, 1_000, 30_000, 2_000, 30_000])
  })
})

describe("a blocked connection", () => {
  it.each(BLOCKED_CONNECTIONS)("is not retried: %s", async (_, reply, code) => {
    const { outcome, attempts, waits } = await refresh([reply, renewal(2)])
    expect(outcome).toMatchObject({ kind: "unavailable", error: { code } })
    expect([attempts, waits]).toEqual([1, []])
  })

  it("ends the attempts", async () => {
    const { outcome, attempts } = await refresh([networkError(), empty(407), renewal(2)])
    expect(outcome).toMatchObject({ kind: "unavailable", error: { code: "proxy_refused" } })
    expect(attempts).toBe(2)
  })
})

describe("a refusal", () => {
  it.each([true, false])("is never retried (token unusable: %s)", async (tokenUnusable) => {
    const { outcome, attempts, waits } = await refresh([refusal, renewal(2)], tokenUnusable)
    expect(outcome).toMatchObject({ kind: "refused", error: { code: "token_refresh_failed" } })
    expect([attempts, waits]).toEqual([1, []])
  })

  it("ends the attempts", async () => {
    const { outcome, attempts } = await refresh([networkError(), refusal, renewal(2)])
    expect([outcome.kind, attempts]).toEqual(["refused", 2])
  })
})
