import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { AGENTS_ONLY, apiError, callerUnknown, rejected } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, networkError, page, silence, text } from "qwen-auth-testing/replies"
import { keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { CALLER_UNKNOWN } from "./coding-plan-check.ts"
import { requestModelList } from "./model-list.ts"

const KEY = keyCredential()
const HOST = new URL(KEY.baseUrl).host

async function outcomeOf(reply: Reply) {
  const platform = fakePlatform({ replies: [reply] })
  return requestModelList(platform, KEY)
}

const list = (...data: unknown[]) => json({ object: "list", data })

describe("requestModelList", () => {
  it("sends one GET request with the key and follows no redirect", async () => {
    const platform = fakePlatform({ replies: [list()] })
    await requestModelList(platform, KEY)
    const [sent] = platform.requests
    expect([sent?.method, sent?.url, sent?.redirect, sent?.body]).toEqual([
      "GET",
      `${KEY.baseUrl}/models`,
      "manual",
      undefined,
    ])
    expect(Object.fromEntries(sent?.headers ?? [])).toEqual({
      accept: "application/json",
      authorization: `Bearer ${KEY.apiKey}`,
    })
  })

  it("returns the ids in the list", async () => {
    const reply = list({ id: "qwen3.7-plus", object: "model" }, { id: "MiniMax-M2.5" }, { id: "a/b:c_1" })
    expect(await outcomeOf(reply)).toEqual({ kind: "accepted", ids: ["qwen3.7-plus", "MiniMax-M2.5", "a/b:c_1"] })
  })

  it.each([
    ["400", apiError(400, "Arrearage", "Access denied, please make sure your account is in good standing.")],
    ["403", apiError(403, "AccessDenied", "The account is in arrears: Arrearage.")],
  ])("accepts the key of an account in arrears, with status %s", async (_, reply) => {
    expect(await outcomeOf(reply)).toEqual({ kind: "accepted", ids: [] })
  })

  it("accepts the key if the list is empty", async () => {
    expect(await outcomeOf(list())).toEqual({ kind: "accepted", ids: [] })
  })

  it("omits models with an unusable id", async () => {
    const odd = ["", " ", "a b", "\u001b[31mred", "模型", "a\nb", "x".repeat(101), "<b>", 'a"b', "a?b=c"]
    expect(await outcomeOf(list(...odd.map((id) => ({ id })), { id: "qwen3-max" }))).toEqual({
      kind: "accepted",
      ids: ["qwen3-max"],
    })
  })
})

describe("requestModelList returns refused", () => {
  it.each([
    ["the observed 401", rejected],
    ["401 in DashScope's format", apiError(401, "invalid_api_key", "Incorrect API key provided.")],
    ["403 invalid api-key", apiError(403, "InvalidApiKey", "invalid api-key")],
    ["400 with JSON", apiError(400, "x", "no")],
    ["404 with JSON", apiError(404, "not_found", "no")],
    ["405 with JSON", apiError(405, "method_not_allowed", "no")],
    ["200 that is not JSON", text("OK")],
    ["200 without content", empty(200)],
    ["401 with a page's content type", text('{"error":{}}', 401, { "content-type": "text/html" })],
  ])("for %s", async (_, reply) => {
    expect(await outcomeOf(reply)).toEqual({ kind: "refused" })
  })
})

describe("requestModelList returns unknown", () => {
  it.each([
    ["a page with 200", page(200), "HTTP 200 with a web page"],
    ["a page with 401", page(401), "HTTP 401 with a web page"],
    ["a page with 403", page(403), "HTTP 403 with a web page"],
    ["the web firewall with 200", firewallPage(200), "HTTP 200 with a web firewall's page"],
    ["the web firewall with 405", firewallPage(405), "HTTP 405 with a web firewall's page"],
    ["401 without content", empty(401), "HTTP 401 without content"],
    ["403 without JSON", text("denied", 403), "HTTP 403 without JSON"],
    ["404 without content", empty(404), "HTTP 404 without content"],
    ["402", apiError(402, "x", "no"), "HTTP 402"],
    ["the Coding Plan's 405 for other programs", callerUnknown, CALLER_UNKNOWN],
    ["its earlier 403", apiError(403, "access_denied", AGENTS_ONLY), CALLER_UNKNOWN],
    ["407", empty(407), "the proxy requires a user name and password"],
    ["429", apiError(429, "rate_limit", "slow down"), "HTTP 429"],
    ["500", apiError(500, "internal_error", "no"), "HTTP 500"],
    ["a gateway's 504 page", page(504), "HTTP 504 with a web page"],
    ["a redirect", empty(302, { location: "https://evil.test/" }), "HTTP 302 without content"],
    ["a redirect with a list", json({ data: [] }, 302), "HTTP 302"],
    ["204", empty(204), "HTTP 204 without content"],
    ["an error with 200", json({ error: { code: "invalid_api_key" } }), "HTTP 200"],
    ["a value that is not a list", json({ data: "qwen3-max" }), "HTTP 200"],
    ["a list without an object around it", json([{ id: "qwen3-max" }]), "HTTP 200 without JSON"],
    ["truncated JSON", text('{"data":[{"id":"qwen3-'), "HTTP 200 without JSON"],
    ["a reset", networkError("read ECONNRESET"), "read ECONNRESET"],
    ["an unknown host", networkError(`getaddrinfo ENOTFOUND ${HOST}`), `getaddrinfo ENOTFOUND ${HOST}`],
  ])("for %s", async (_, reply, why) => {
    expect(await outcomeOf(reply)).toEqual({ kind: "unknown", why, permanent: false })
  })

  it.each([
    "http://dashscope.aliyuncs.com/compatible-mode/v1",
    "https://evil.test/v1",
    "https://dashscope.aliyuncs.com.evil.test/v1",
    "https://dashscope.aliyuncs.com@evil.test/v1",
    "https://bucket.oss-cn-beijing.aliyuncs.com/v1",
    "https://dashscope.aliyuncs.com:8443/v1",
    "https://maas.qwencloudapi.com.evil.test/v1",
    "https://xmaas.qwencloudapi.com/v1",
    "http://maas.qwencloudapi.com/v1",
    "https://maas.qianwenaiapi.com:8443/v1",
    "https://user@token-plan.maas.qianwenaiapi.com/v1",
    "not an address",
    "",
  ])("without sending the key to %j, which is not a Model Studio address", async (baseUrl) => {
    const platform = fakePlatform({ rest: list() })
    expect(await requestModelList(platform, keyCredential({ baseUrl }))).toEqual({
      kind: "unknown",
      why: "not a Model Studio API address",
      permanent: false,
    })
    expect(platform.requests).toEqual([])
  })

  it("if the response breaks off", async () => {
    const broken = () => new Response(new ReadableStream({ start: (body) => body.error(new TypeError("terminated")) }))
    expect(await outcomeOf(broken)).toEqual({ kind: "unknown", why: "the connection was closed", permanent: false })
  })

  it("if there is no response within ten seconds, and leaves no timer behind", async () => {
    const platform = fakePlatform({ replies: [silence] })
    expect(await requestModelList(platform, KEY)).toEqual({
      kind: "unknown",
      why: `${HOST} did not answer within 10 seconds.`,
      permanent: false,
    })
    expect(platform.waits).toEqual([10_000])
    expect(platform.requests[0]?.signal?.aborted).toBe(true)
  })

  it("if the response does not end within ten seconds", async () => {
    const endless: Reply = ({ signal }) => {
      const start = (body: ReadableStreamDefaultController) =>
        signal?.addEventListener("abort", () => body.error(signal.reason), { once: true })
      return new Response(new ReadableStream({ start }))
    }
    expect(await outcomeOf(endless)).toEqual({
      kind: "unknown",
      why: `${HOST} did not answer within 10 seconds.`,
      permanent: false,
    })
  })

  it("and stops its timer after the response", async () => {
    const platform = fakePlatform({ replies: [list()], autoAdvance: false })
    await requestModelList(platform, KEY)
    expect(platform.openWaits()).toBe(0)
  })
})

describe("aborting requestModelList", () => {
  it("before the request sends nothing", async () => {
    const platform = fakePlatform({ replies: [list()] })
    expect((await failureOf(requestModelList(platform, KEY, AbortSignal.abort()))).code).toBe("aborted")
    expect(platform.requests).toHaveLength(0)
  })

  it("during the request ends it and leaves no timer behind", async () => {
    const controller = new AbortController()
    const platform = fakePlatform({ replies: [silence], autoAdvance: false })
    const outcome = failureOf(requestModelList(platform, KEY, controller.signal))
    await settle()
    controller.abort(new Error("the user pressed Escape"))
    expect((await outcome).code).toBe("aborted")
    expect(platform.requests[0]?.signal?.aborted).toBe(true)
    expect(platform.openWaits()).toBe(0)
  })
})
