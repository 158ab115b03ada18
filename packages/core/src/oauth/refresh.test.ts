import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import {
  BLOCKED_CONNECTIONS,
  empty,
  firewallPage,
  json,
  networkError,
  page,
  silence,
  text,
} from "qwen-auth-testing/replies"
import { DEAD_REFRESH_TOKEN, SERVER, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { requestRefresh } from "./refresh.ts"

describe("the refresh request (RFC 6749 §6)", () => {
  it("is a form with the refresh token and the client", async () => {
    const platform = fakePlatform({ replies: [json(TOKENS)] })
    await requestRefresh(platform, SERVER, "refresh-1")
    expect(platform.requests[0]?.method).toBe("POST")
    expect(platform.requests[0]?.url).toBe("https://chat.qwen.ai/api/v1/oauth2/token")
    expect(platform.requests[0]?.redirect).toBe("manual")
    expect(platform.requests[0]?.form).toEqual({
      grant_type: "refresh_token",
      refresh_token: "refresh-1",
      client_id: "f0304373b74a44d2b584a3fb70ca9e56",
    })
  })
})

describe("a refresh that succeeds", () => {
  const refreshed = {
    accessToken: "access-2",
    refreshToken: "refresh-2",
    resourceUrl: "portal.qwen.ai",
    expiresInS: 21_600,
    receivedAt: START,
    clockSkewMs: undefined,
  }

  it.each([
    ["with everything", {}, refreshed],
    ["without refresh_token", { refresh_token: undefined }, { ...refreshed, refreshToken: undefined }],
    ["without resource_url", { resource_url: undefined }, { ...refreshed, resourceUrl: undefined }],
    [
      "with null fields",
      { refresh_token: null, resource_url: null, token_type: null, expires_in: null },
      { ...refreshed, refreshToken: undefined, resourceUrl: undefined, expiresInS: 3_600 },
    ],
    ["without token_type", { token_type: undefined }, refreshed],
    ["with an unusable refresh_token", { refresh_token: "a b" }, { ...refreshed, refreshToken: undefined }],
    ["with an empty error", { error: "" }, refreshed],
    ["with a null error", { error: null }, refreshed],
    ["with unknown fields", { scope: "openid", extra: [1] }, refreshed],
  ])("%s", async (_, fields, tokens) => {
    const platform = fakePlatform({ replies: [json({ ...TOKENS, ...fields })] })
    expect(await requestRefresh(platform, SERVER, "refresh-1")).toEqual({ kind: "refreshed", tokens })
    expect(platform.requests).toHaveLength(1)
  })
})

describe("a refresh that the server refuses permanently", () => {
  it.each([
    ["400 invalid_request", json(DEAD_REFRESH_TOKEN, 400), "invalid_request: Invalid refresh token or client_id"],
    ["400 invalid_grant", json({ error: "invalid_grant" }, 400), "invalid_grant"],
    ["401 with a code", json({ error: "invalid_token" }, 401), "invalid_token"],
    ["401 with JSON but no code", json({ message: "unauthorized" }, 401), "HTTP 401"],
    ["an error with status 200", json({ ...TOKENS, ...DEAD_REFRESH_TOKEN }), "invalid_request"],
  ])("%s", async (_, reply, message) => {
    const platform = fakePlatform({ replies: [reply] })
    const outcome = await requestRefresh(platform, SERVER, "refresh-1")
    expect(outcome).toMatchObject({ kind: "refused", error: { code: "token_refresh_failed" } })
    expect(outcome).toHaveProperty("error.message", expect.stringMatching(/^Token refresh failed: /))
    expect(outcome).toHaveProperty("error.message", expect.stringContaining(message))
    expect(outcome).toHaveProperty("error.remedy", "Sign out and sign in again.")
    expect(platform.requests).toHaveLength(1)
  })
})

describe("a refresh without a conclusive response", () => {
  it.each([
    ["429", empty(429)],
    ["429 with a code", json({ error: "invalid_request" }, 429)],
    ["500", json({ error: "invalid_request" }, 500)],
    ["502 with a page", page(502)],
    ["503", empty(503)],
    ["504 with a page", page(504)],
    ["408", empty(408)],
    ["400 server_error", json({ error: "server_error" }, 400)],
    ["400 temporarily_unavailable", json({ error: "temporarily_unavailable" }, 400)],
    ["400 slow_down", json({ error: "slow_down" }, 400)],
    ["a page with status 200", page(200)],
    ["a page with status 400", page(400)],
    ["the web firewall's page", firewallPage(405)],
    ["a proxy's 401 without JSON", text("Proxy authentication", 401)],
    ["a redirect", empty(302, { location: "https://evil.test/" })],
    ["an empty 200", empty(200)],
    ["a truncated response", text(JSON.stringify(TOKENS).slice(0, 30))],
    ["no access token", json({ ...TOKENS, access_token: null })],
    ["a token of another type", json({ ...TOKENS, token_type: "mac" })],
    ["a reset", networkError("read ECONNRESET")],
    ["silence", silence],
  ])("%s: the sign-in is kept, and exactly one request was made", async (_, reply) => {
    const platform = fakePlatform({ replies: [reply] })
    const outcome = await requestRefresh(platform, SERVER, "refresh-1")
    expect(outcome).toMatchObject({ kind: "unavailable", error: { code: "token_refresh_unavailable" } })
    expect(outcome).toHaveProperty("error.remedy", expect.stringContaining("the sign-in is kept"))
    expect(platform.requests).toHaveLength(1)
  })

  it.each(BLOCKED_CONNECTIONS)("%s is reported as it is, with a remedy", async (_, reply, code) => {
    const platform = fakePlatform({ replies: [reply] })
    const outcome = await requestRefresh(platform, SERVER, "refresh-1")
    expect(outcome).toMatchObject({ kind: "unavailable", error: { code }, retryAfterMs: undefined })
    expect(outcome).toHaveProperty("error.remedy", expect.stringMatching(/HTTPS_PROXY|NODE_EXTRA_CA_CERTS/))
    expect(platform.requests).toHaveLength(1)
  })

  it.each([
    ["seconds", "40", 40_000],
    ["a date", new Date(START + 90_000).toUTCString(), 90_000],
    ["junk", "later", undefined],
  ])("Retry-After as %s is returned", async (_, value, retryAfterMs) => {
    const platform = fakePlatform({ replies: [empty(429, { "retry-after": value })] })
    expect(await requestRefresh(platform, SERVER, "refresh-1")).toMatchObject({ kind: "unavailable", retryAfterMs })
  })

  it("a silent server times out after 30 s", async () => {
    const platform = fakePlatform({ replies: [silence] })
    const outcome = await requestRefresh(platform, SERVER, "refresh-1")
    expect(outcome).toHaveProperty("error.message", expect.stringContaining("did not answer within 30 seconds"))
    expect(platform.waits).toEqual([30_000])
  })

  it("has the network error as its cause", async () => {
    const outcome = await requestRefresh(fakePlatform({ replies: [networkError()] }), SERVER, "refresh-1")
    expect(outcome).toHaveProperty("error.cause.code", "service_unreachable")
    expect(outcome).toHaveProperty("error.message", expect.stringContaining("connect ECONNREFUSED 127.0.0.1:1"))
  })
})

describe("an aborted refresh", () => {
  it("ends immediately and leaves no timer behind", async () => {
    const platform = fakePlatform({ replies: [silence], autoAdvance: false })
    const controller = new AbortController()
    const outcome = failureOf(requestRefresh(platform, SERVER, "refresh-1", controller.signal))
    controller.abort()
    expect((await outcome).code).toBe("aborted")
    expect(platform.openWaits()).toBe(0)
  })
})
