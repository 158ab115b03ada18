import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { AGENTS_ONLY, apiError, callerUnknown, rejected } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, networkError, page, silence, text } from "qwen-auth-testing/replies"
import { keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { noConclusion } from "./check-key.ts"
import { CALLER_UNKNOWN, checkCodingPlanKey } from "./coding-plan-check.ts"

const KEY = keyCredential()
const AGENT = "opencode/1.18.33"

function check(reply: Reply) {
  const platform = fakePlatform({ replies: [reply] })
  return { platform, outcome: checkCodingPlanKey(platform, KEY, AGENT) }
}

describe("checkCodingPlanKey", () => {
  it("sends the smallest chat with a model that cannot exist, with the host's User-Agent", async () => {
    const { platform, outcome } = check(rejected)
    await outcome
    const [sent] = platform.requests
    expect([sent?.method, sent?.url, sent?.redirect]).toEqual(["POST", `${KEY.baseUrl}/chat/completions`, "manual"])
    expect(Object.fromEntries(sent?.headers ?? [])).toEqual({
      accept: "application/json",
      authorization: `Bearer ${KEY.apiKey}`,
      "content-type": "application/json",
      "user-agent": AGENT,
    })
    expect(JSON.parse(String(sent?.body))).toEqual({
      model: "no-such-model-key-check",
      messages: [{ role: "user", content: "." }],
      max_tokens: 1,
    })
  })

  it("sends no User-Agent if the host has none", async () => {
    const platform = fakePlatform({ replies: [rejected] })
    await checkCodingPlanKey(platform, KEY, undefined)
    expect(platform.requests[0]?.headers.has("user-agent")).toBe(false)
  })

  it.each([
    ["the documented text", rejected],
    ["another text", apiError(401, "x", "Invalid API-key provided.")],
  ])("refuses a key after a 401 with %s", async (_, reply) => {
    expect(await check(reply).outcome).toEqual({ kind: "refused" })
  })

  it.each([
    ["the plan's text", apiError(400, "x", "model 'no-such-model' is not supported")],
    ["the code of the other plans", apiError(404, "model_not_found", "no")],
  ])("accepts a key after the error for an unknown model with %s", async (_, reply) => {
    expect(await check(reply).outcome).toEqual({ kind: "accepted", ids: [] })
  })

  it.each([
    ["a 405 for other programs, with a string", callerUnknown, CALLER_UNKNOWN],
    ["a 403 for other programs, with an object", apiError(403, "access_denied", AGENTS_ONLY), CALLER_UNKNOWN],
    ["another 401", apiError(401, "x", "no"), "the Coding Plan answered HTTP 401"],
    ["another 400", apiError(400, "x", "no"), "the Coding Plan answered HTTP 400"],
    ["an answer to the chat", json({ choices: [] }), "the Coding Plan answered HTTP 200"],
  ])("permanently gives no conclusion after %s", async (_, reply, why) => {
    expect(await check(reply).outcome).toEqual(noConclusion(why, true))
  })

  it.each([
    ["a rate limit", apiError(429, "x", "slow down"), "HTTP 429"],
    ["an error of the service", apiError(500, "x", "no"), "HTTP 500"],
    ["a gateway's page", page(504), "HTTP 504 with a web page"],
    ["a page with 401", page(401), "HTTP 401 with a web page"],
    ["the web firewall", firewallPage(405), "HTTP 405 with a web firewall's page"],
    ["a text that is not JSON", text("denied", 401), "HTTP 401 without JSON"],
    ["an empty body", empty(404), "HTTP 404 without content"],
    ["a redirect", empty(302, { location: "https://evil.test/" }), "HTTP 302 without content"],
    ["a 407 of a proxy", empty(407), "the proxy requires a user name and password"],
    ["a network error", networkError("read ECONNRESET"), "read ECONNRESET"],
  ])("gives no conclusion after %s", async (_, reply, why) => {
    expect(await check(reply).outcome).toEqual(noConclusion(why))
  })

  it("gives no conclusion after ten seconds without an answer", async () => {
    const { platform, outcome } = check(silence)
    expect(await outcome).toMatchObject({ kind: "unknown", why: expect.stringContaining("within 10 seconds") })
    expect([platform.waits, platform.openWaits()]).toEqual([[10_000], 0])
  })

  it("does not send a key to an address outside Model Studio", async () => {
    for (const baseUrl of [
      "https://xmaas.qwencloudapi.com/v1",
      "https://evil.test/v1",
      "http://dashscope.aliyuncs.com",
    ]) {
      const platform = fakePlatform()
      const outcome = await checkCodingPlanKey(platform, keyCredential({ baseUrl }), AGENT)
      expect([outcome, platform.requests]).toEqual([noConclusion("not a Model Studio API address"), []])
    }
  })

  it("sends nothing if it is aborted before", async () => {
    const platform = fakePlatform()
    const failure = await failureOf(checkCodingPlanKey(platform, KEY, AGENT, AbortSignal.abort()))
    expect([failure.code, platform.requests]).toEqual(["aborted", []])
  })
})
