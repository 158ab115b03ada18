import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatform, fakePlatform, type Reply, START } from "qwen-auth-testing/fake-platform"
import { empty, firewallPage, json, networkError, page, silence, text } from "qwen-auth-testing/replies"
import { deviceAuthorization, MINUTE, PKCE, SERVER, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { pollForToken } from "./poll-for-token.ts"

const pending = json({ error: "authorization_pending" }, 400)
const slowDown = (status: number, headers = {}) => json({ error: "slow_down" }, status, headers)
const success = json(TOKENS)

function poll(platform: FakePlatform, fields: Parameters<typeof deviceAuthorization>[0] = {}, signal?: AbortSignal) {
  return pollForToken(platform, SERVER, deviceAuthorization(fields), PKCE, signal)
}

/** Polls with these responses until success and returns the times of the polls in seconds. */
async function pollTimes(replies: readonly Reply[], fields: Parameters<typeof deviceAuthorization>[0] = {}) {
  const platform = fakePlatform({ replies: [...replies, success] })
  await poll(platform, fields)
  return platform.requestTimes().map((ms) => ms / 1000)
}

describe("the token request of a sign-in (RFC 8628 §3.4)", () => {
  it("is a form with the device code and the PKCE verifier", async () => {
    const platform = fakePlatform({ replies: [success] })
    await poll(platform)
    expect(platform.requests[0]?.url).toBe("https://chat.qwen.ai/api/v1/oauth2/token")
    expect(platform.requests[0]?.form).toEqual({
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      client_id: "f0304373b74a44d2b584a3fb70ca9e56",
      device_code: "device-1",
      code_verifier: PKCE.verifier,
    })
  })

  it("resolves with the tokens", async () => {
    expect(await poll(fakePlatform({ replies: [success] }))).toMatchObject({
      accessToken: "access-2",
      refreshToken: "refresh-2",
      resourceUrl: "portal.qwen.ai",
      expiresInS: 21_600,
      receivedAt: START + 5_000,
    })
  })
})

describe("the times of the polls (RFC 8628 §3.5)", () => {
  it("waits for the interval before the first poll and between polls", async () => {
    expect(await pollTimes([pending, pending])).toEqual([5, 10, 15])
  })

  it("uses the server's interval", async () => {
    expect(await pollTimes([pending, pending], { intervalMs: 2_000 })).toEqual([2, 4, 6])
  })

  it.each([
    ["429", slowDown(429)],
    ["400", slowDown(400)],
    ["200", slowDown(200)],
    ["429 without a body", empty(429)],
    ["429 with a code of its own", json({ error: "rate_limit_exceeded" }, 429)],
    ["429 without JSON", text("Too many requests", 429)],
  ])("slow_down as %s adds five seconds to all later intervals", async (_, reply) => {
    expect(await pollTimes([pending, reply, pending, pending])).toEqual([5, 10, 20, 30, 40])
  })

  it("adds five seconds for each slow_down", async () => {
    expect(await pollTimes([slowDown(429), slowDown(400), pending])).toEqual([5, 15, 30, 45])
  })

  it("honours a Retry-After in seconds that is longer than the interval, once", async () => {
    expect(await pollTimes([slowDown(429, { "retry-after": "25" }), pending])).toEqual([5, 30, 40])
  })

  it("honours a Retry-After that is a date", async () => {
    const date = new Date(START + 65_000).toUTCString()
    expect(await pollTimes([slowDown(429, { "retry-after": date })])).toEqual([5, 65])
  })

  it("does not poll faster for a Retry-After that is shorter than the interval", async () => {
    expect(await pollTimes([slowDown(429, { "retry-after": "1" })])).toEqual([5, 15])
  })
})

describe("a response that ends the sign-in", () => {
  it.each([
    ["400 expired_token", json({ error: "expired_token" }, 400), "device_code_expired", "Device code expired."],
    ["401 without a body", empty(401), "device_code_expired", "Device code expired."],
    ["401 with JSON", json({ message: "no" }, 401), "device_code_expired", "Device code expired."],
    ["401 with any code", json({ error: "invalid_grant" }, 401), "device_code_expired", "Device code expired."],
    ["400 access_denied", json({ error: "access_denied" }, 400), "authorization_denied", "Authorization denied"],
    ["access_denied with status 200", json({ error: "access_denied" }), "authorization_denied", "Authorization denied"],
    [
      "401 invalid_client",
      json({ error: "invalid_client", error_description: "Invalid client credentials" }, 401),
      "sign_in_failed",
      "(invalid_client: Invalid client credentials)",
    ],
    [
      "400 with another code",
      json({ error: "invalid_request", error_description: "code_verifier is missing" }, 400),
      "sign_in_failed",
      "(invalid_request: code_verifier is missing)",
    ],
    ["403 without JSON", text("forbidden", 403), "sign_in_failed", "HTTP 403"],
    ["404 without content", empty(404), "sign_in_failed", "HTTP 404"],
    [
      "tokens without a refresh token",
      json({ ...TOKENS, refresh_token: undefined }),
      "sign_in_failed",
      "the service sent no refresh token",
    ],
  ])("%s: %3$s", async (_, reply, code, message) => {
    const platform = fakePlatform({ replies: [pending, reply] })
    const error = await failureOf(poll(platform))
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
    expect(error.remedy).toContain("Start the sign-in again")
    expect(platform.requests).toHaveLength(2)
  })

  it("removes control characters from the server's error description", async () => {
    const refusal = json({ error: "invalid_request", error_description: "\u001b[31mno\u001b[0m\n\u202Efoo" }, 400)
    const error = await failureOf(poll(fakePlatform({ replies: [refusal] })))
    expect(error.message).toContain("(invalid_request: no foo)")
  })
})

describe("a transient error", () => {
  const transientErrors: [string, Reply][] = [
    ["500", json({}, 500)],
    ["502 with a page", page(502)],
    ["503 without content", empty(503)],
    ["504 with a page", page(504)],
    ["500 with an OAuth code", json({ error: "server_error" }, 500)],
    ["408", empty(408)],
    ["a page with status 200", page(200)],
    ["a page with status 401", page(401)],
    ["the web firewall's page", firewallPage(200)],
    ["a redirect", empty(302, { location: "https://evil.test/" })],
    ["an empty 200", empty(200)],
    ["a truncated response", text(JSON.stringify(TOKENS).slice(0, 30))],
    ["a response without an access token", json({ ...TOKENS, access_token: undefined })],
    ["a reset", networkError("read ECONNRESET")],
  ]

  it.each(transientErrors)("%s: polling continues more slowly, at most every 30 s, and recovers", async (_, reply) => {
    const replies = [reply, reply, reply, reply, pending, pending]
    expect(await pollTimes(replies)).toEqual([5, 15, 35, 65, 95, 100, 105])
  })

  it("(a silent server) times out after 30 s and is followed by another poll", async () => {
    const platform = fakePlatform({ replies: [silence, success] })
    await poll(platform)
    expect(platform.requestTimes()).toEqual([5_000, 45_000])
  })

  it("never shortens the interval that slow_down set", async () => {
    const replies = [
      slowDown(429),
      slowDown(429),
      slowDown(429),
      slowDown(429),
      slowDown(429),
      slowDown(429),
      empty(503),
    ]
    const times = await pollTimes(replies)
    expect(times.slice(-2)).toEqual([140, 175])
  })

  it("is reported as the cause if the codes expire", async () => {
    const error = await failureOf(poll(fakePlatform({ rest: networkError("read ECONNRESET") })))
    expect(error.code).toBe("device_code_expired")
    expect(error.message).toBe(
      "Device code expired. Last problem: chat.qwen.ai could not be reached (read ECONNRESET).",
    )
    expect(error.cause).toMatchObject({ code: "service_unreachable" })
  })

  it("is not reported if the last response was valid", async () => {
    const error = await failureOf(poll(fakePlatform({ replies: [networkError()], rest: pending })))
    expect(error.message).toBe("Device code expired.")
  })
})

describe("the expiry of the codes", () => {
  it("ends the sign-in after a last poll at that time", async () => {
    const platform = fakePlatform({ rest: pending })
    const error = await failureOf(poll(platform, { expiresAt: START + 12_000 }))
    expect(error.code).toBe("device_code_expired")
    expect(platform.requestTimes()).toEqual([5_000, 10_000, 12_000])
  })

  it("is not delayed by a Retry-After", async () => {
    const platform = fakePlatform({ rest: slowDown(429, { "retry-after": "86400" }) })
    await failureOf(poll(platform, { expiresAt: START + MINUTE }))
    expect(platform.requestTimes()).toEqual([5_000, 60_000])
  })

  it("accepts tokens from the last poll", async () => {
    const platform = fakePlatform({ replies: [pending, success] })
    await expect(poll(platform, { expiresAt: START + 7_000 })).resolves.toMatchObject({ accessToken: "access-2" })
  })

  it("sends nothing if they have already expired", async () => {
    const platform = fakePlatform()
    expect((await failureOf(poll(platform, { expiresAt: START }))).code).toBe("device_code_expired")
    expect(platform.requests).toHaveLength(0)
  })
})

describe("an aborted sign-in", () => {
  it("ends a wait immediately, with the caller's reason", async () => {
    const platform = fakePlatform({ autoAdvance: false })
    const controller = new AbortController()
    const outcome = failureOf(poll(platform, {}, controller.signal))
    controller.abort("the user pressed Escape")
    const error = await outcome
    expect(error.code).toBe("aborted")
    expect(error.cause).toBe("the user pressed Escape")
    expect(platform.requests).toHaveLength(0)
    expect(platform.openWaits()).toBe(0)
  })

  it("ends a request immediately", async () => {
    const controller = new AbortController()
    const platform = fakePlatform({
      replies: [
        (request) => {
          controller.abort()
          return silence(request)
        },
      ],
    })
    expect((await failureOf(poll(platform, {}, controller.signal))).code).toBe("aborted")
    expect(platform.requests).toHaveLength(1)
    expect(platform.openWaits()).toBe(0)
  })
})
