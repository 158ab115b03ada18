import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, START } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
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
import { PKCE, SERVER, STARTED } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { authorizationServer } from "./authorization-server.ts"
import { requestDeviceAuthorization } from "./device-authorization.ts"

const LOOPBACK = authorizationServer({ baseUrl: "http://127.0.0.1:4000" })

describe("the device authorization request (RFC 8628 §3.1)", () => {
  it("is a form with the client, the scope and the S256 challenge", async () => {
    const platform = fakePlatform({ replies: [json(STARTED)] })
    await requestDeviceAuthorization(platform, SERVER, PKCE)
    const [request] = platform.requests
    expect(platform.requests).toHaveLength(1)
    expect(request?.method).toBe("POST")
    expect(request?.url).toBe("https://chat.qwen.ai/api/v1/oauth2/device/code")
    expect(request?.form).toEqual({
      client_id: "f0304373b74a44d2b584a3fb70ca9e56",
      scope: "openid profile email model.completion",
      code_challenge: PKCE.challenge,
      code_challenge_method: "S256",
    })
  })

  it("has Qwen's headers with a UUID and does not follow redirects", async () => {
    const platform = fakePlatform({ replies: [json(STARTED)] })
    await requestDeviceAuthorization(platform, SERVER, PKCE)
    const [request] = platform.requests
    expect(request?.headers.get("content-type")).toBe("application/x-www-form-urlencoded")
    expect(request?.headers.get("accept")).toBe("application/json")
    expect(request?.headers.get("x-request-id")).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    )
    expect(request?.redirect).toBe("manual")
  })

  it("has the configured user agent", async () => {
    const platform = fakePlatform({ replies: [json(STARTED)] })
    const userAgent = "qwen-auth/0.1.0 (linux; x64)"
    await requestDeviceAuthorization(platform, authorizationServer({ userAgent }), PKCE)
    expect(platform.requests[0]?.headers.get("user-agent")).toBe(userAgent)
  })

  it("never sends the verifier", async () => {
    const platform = fakePlatform({ replies: [json(STARTED)] })
    await requestDeviceAuthorization(platform, SERVER, PKCE)
    expect(JSON.stringify(platform.requests)).not.toContain(PKCE.verifier)
  })
})

describe("the device authorization response (RFC 8628 §3.2)", () => {
  async function started(fields: Record<string, unknown>, server = SERVER) {
    const platform = fakePlatform({ replies: [json({ ...STARTED, ...fields })] })
    return requestDeviceAuthorization(platform, server, PKCE)
  }

  it("starts a sign-in", async () => {
    expect(await started({})).toEqual({
      deviceCode: "device-1",
      userCode: "ABCD-1234",
      verificationUri: "https://chat.qwen.ai/authorize",
      verificationUriComplete: "https://chat.qwen.ai/authorize?user_code=ABCD-1234&client=qwen-code",
      expiresAt: START + 900_000,
      intervalMs: 5_000,
    })
  })

  it.each([
    ["absent", undefined, 5_000],
    ["null", null, 5_000],
    ["zero", 0, 5_000],
    ["negative", -1, 5_000],
    ["junk", "soon", 5_000],
    ["one second", 1, 1_000],
    ["a number as text", "7", 7_000],
    ["an hour", 3600, 60_000],
  ])("interval %s (%j): polls every %i ms", async (_, interval, intervalMs) => {
    expect((await started({ interval })).intervalMs).toBe(intervalMs)
  })

  it.each([
    ["absent", undefined, 900],
    ["zero", 0, 900],
    ["negative", -60, 900],
    ["fractional", 299.5, 299.5],
    ["a number as text", "300", 300],
    ["a year", 31_536_000, 3_600],
    ["absurd", 1e300, 3_600],
  ])("expires_in %s (%j): the codes expire after %d s", async (_, expires_in, seconds) => {
    expect((await started({ expires_in })).expiresAt).toBe(START + seconds * 1000)
  })

  it.each([
    ["absent", undefined],
    ["null", null],
    ["empty", ""],
    ["a script", "javascript:alert(1)"],
    ["http", "http://chat.qwen.ai/authorize?user_code=ABCD-1234"],
    ["with a password", "https://user:pw@chat.qwen.ai/authorize"],
  ])("verification_uri_complete %s: the plain verification URI is used", async (_, verification_uri_complete) => {
    const authorization = await started({ verification_uri_complete })
    expect(authorization.verificationUriComplete).toBe("https://chat.qwen.ai/authorize")
  })

  it.each([
    ["a script", "javascript:alert(1)"],
    ["a file", "file:///etc/passwd"],
    ["http elsewhere", "http://chat.qwen.ai/authorize"],
    ["http on loopback while the server is not", "http://127.0.0.1:4000/authorize"],
    ["with a password", "https://user:pw@chat.qwen.ai/authorize"],
    ["not an address", "go to our page"],
    ["a number", 7],
    ["absent", undefined],
  ])("verification_uri %s is rejected", async (_, verification_uri) => {
    expect((await failureOf(started({ verification_uri }))).code).toBe("unexpected_response")
  })

  it("accepts an http page on loopback if the server is on loopback too", async () => {
    const fields = { verification_uri: "http://127.0.0.1:4000/authorize", verification_uri_complete: undefined }
    expect((await started(fields, LOOPBACK)).verificationUri).toBe("http://127.0.0.1:4000/authorize")
  })

  it("rejects an http page on another host even if the server is on loopback", async () => {
    const fields = { verification_uri: "http://evil.test/authorize" }
    expect((await failureOf(started(fields, LOOPBACK))).code).toBe("unexpected_response")
  })

  it.each([
    ["no device code", { device_code: undefined }],
    ["an empty device code", { device_code: "" }],
    ["a device code with a line break", { device_code: "a\nb" }],
    ["no user code", { user_code: null }],
    ["a user code that drives a terminal", { user_code: "\u001b[2JABCD" }],
    ["a user code that is too long", { user_code: "A".repeat(65) }],
  ])("%s is rejected", async (_, fields) => {
    expect((await failureOf(started(fields))).code).toBe("unexpected_response")
  })
})

describe("a device authorization request that fails", () => {
  it("reports the server's error for a wrong client and does not try again", async () => {
    const refusal = { error: "invalid_client", error_description: "Invalid client credentials" }
    const platform = fakePlatform({ replies: [json(refusal, 401)] })
    const error = await failureOf(requestDeviceAuthorization(platform, SERVER, PKCE))
    expect(error.code).toBe("device_authorization_failed")
    expect(error.message).toBe("The sign-in could not be started (invalid_client: Invalid client credentials).")
    expect(error.remedy).toContain("client id")
    expect(platform.requests).toHaveLength(1)
  })

  it.each([
    ["an error with status 200", json({ ...STARTED, error: "invalid_scope" }), "device_authorization_failed"],
    ["400 without JSON", text("no", 400), "device_authorization_failed"],
    ["404 without content", empty(404), "device_authorization_failed"],
    ["a page with status 200", page(200), "unexpected_response"],
    ["a page with status 405", page(405), "unexpected_response"],
    ["a redirect", empty(302, { location: "https://evil.test/" }), "unexpected_response"],
    ["a truncated response", text(JSON.stringify(STARTED).slice(0, 40)), "unexpected_response"],
    ["an empty response", empty(200), "unexpected_response"],
    ["the web firewall's page", firewallPage(200), "web_firewall"],
    ["the web firewall's page with 405", firewallPage(405), "web_firewall"],
  ])("%s ends it without another attempt", async (_, reply, code) => {
    const platform = fakePlatform({ replies: [reply] })
    const error = await failureOf(requestDeviceAuthorization(platform, SERVER, PKCE))
    expect(error.code).toBe(code)
    expect(error.remedy).toBeDefined()
    expect(platform.requests).toHaveLength(1)
  })

  it.each(BLOCKED_CONNECTIONS)("%s ends it without another attempt and names a remedy", async (_, reply, code) => {
    const platform = fakePlatform({ rest: reply })
    const error = await failureOf(requestDeviceAuthorization(platform, SERVER, PKCE))
    expect(error.code).toBe(code)
    expect(error.remedy).toMatch(/HTTPS_PROXY|NODE_EXTRA_CA_CERTS/)
    expect(platform.requests).toHaveLength(1)
  })

  it.each([
    ["500", json({}, 500), "unexpected_response"],
    ["502 with a page", page(502), "unexpected_response"],
    ["503", empty(503), "unexpected_response"],
    ["429", empty(429), "unexpected_response"],
    ["408", empty(408), "unexpected_response"],
    ["a refused connection", networkError(), "service_unreachable"],
  ])("%s: is tried three times, with waits of 1 s and 2 s", async (_, reply, code) => {
    const platform = fakePlatform({ rest: reply })
    expect((await failureOf(requestDeviceAuthorization(platform, SERVER, PKCE))).code).toBe(code)
    expect(platform.requestTimes()).toEqual([0, 1_000, 3_000])
  })

  it("reports the network error", async () => {
    const error = await failureOf(requestDeviceAuthorization(fakePlatform({ rest: networkError() }), SERVER, PKCE))
    expect(error.message).toBe("chat.qwen.ai could not be reached (connect ECONNREFUSED 127.0.0.1:1).")
  })

  it("recovers from transient errors", async () => {
    const platform = fakePlatform({ replies: [page(502), networkError(), json(STARTED)] })
    expect((await requestDeviceAuthorization(platform, SERVER, PKCE)).userCode).toBe("ABCD-1234")
  })

  it("waits as long as Retry-After says, at most 10 s", async () => {
    const replies = [empty(503, { "retry-after": "4" }), empty(503, { "retry-after": "3600" }), json(STARTED)]
    const platform = fakePlatform({ replies })
    await requestDeviceAuthorization(platform, SERVER, PKCE)
    expect(platform.waits).toEqual([4_000, 10_000])
  })

  it("waits 30 s for a silent server in each attempt", async () => {
    const platform = fakePlatform({ rest: silence })
    const error = await failureOf(requestDeviceAuthorization(platform, SERVER, PKCE))
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toBe("chat.qwen.ai did not answer within 30 seconds.")
    expect(platform.requestTimes()).toEqual([0, 31_000, 63_000])
  })

  it("ends as soon as it is aborted during a request", async () => {
    const platform = fakePlatform({ rest: silence, autoAdvance: false })
    const controller = new AbortController()
    const outcome = failureOf(requestDeviceAuthorization(platform, SERVER, PKCE, controller.signal))
    controller.abort()
    expect((await outcome).code).toBe("aborted")
    expect(platform.requests).toHaveLength(1)
    expect(platform.openWaits()).toBe(0)
  })

  it("sends nothing if it is aborted before", async () => {
    const platform = fakePlatform()
    const error = await failureOf(requestDeviceAuthorization(platform, SERVER, PKCE, AbortSignal.abort()))
    expect(error.code).toBe("aborted")
    expect(platform.requests).toHaveLength(0)
  })

  it("ends as soon as it is aborted between two attempts", async () => {
    const platform = fakePlatform({ rest: empty(503), autoAdvance: false })
    const controller = new AbortController()
    const outcome = failureOf(requestDeviceAuthorization(platform, SERVER, PKCE, controller.signal))
    await settle()
    expect([platform.requests.length, platform.openWaits()]).toEqual([1, 1])
    controller.abort()
    expect((await outcome).code).toBe("aborted")
  })
})
