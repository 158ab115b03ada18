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

  it.each<[string, Reply, unknown]>([
    ["a wrong key with the documented text", rejected, { kind: "refused" }],
    ["a wrong key with another text", apiError(401, "x", "Invalid API-key provided."), { kind: "refused" }],
    ["an unknown model", apiError(400, "x", "model 'no-such-model' is not supported"), { kind: "accepted", ids: [] }],
    [
      "an unknown model with the code of the other plans",
      apiError(404, "model_not_found", "no"),
      { kind: "accepted", ids: [] },
    ],
    ["a 405 for other programs, with a string", callerUnknown, noConclusion(CALLER_UNKNOWN, true)],
    [
      "a 403 for other programs, with an object",
      apiError(403, "access_denied", AGENTS_ONLY),
      noConclusion(CALLER_UNKNOWN, true),
    ],
    ["another 401", apiError(401, "x", "no"), noConclusion("the Coding Plan answered HTTP 401", true)],
    ["another 400", apiError(400, "x", "no"), noConclusion("the Coding Plan answered HTTP 400", true)],
    ["an answer to the chat", json({ choices: [] }), noConclusion("the Coding Plan answered HTTP 200", true)],
    ["a rate limit", apiError(429, "x", "slow down"), noConclusion("HTTP 429")],
    ["an error of the service", apiError(500, "x", "no"), noConclusion("HTTP 500")],
    ["a gateway's page", page(504), noConclusion("HTTP 504 with a web page")],
    ["a page with 401", page(401), noConclusion("HTTP 401 with a web page")],
    ["the web firewall", firewallPage(405), noConclusion("HTTP 405 with a web firewall's page")],
    ["a text that is not JSON", text("denied", 401), noConclusion("HTTP 401 without JSON")],
    ["an empty body", empty(404), noConclusion("HTTP 404 without content")],
    ["a redirect", empty(302, { location: "https://evil.test/" }), noConclusion("HTTP 302 without content")],
    ["a proxy that requires a password", empty(407), noConclusion("the proxy requires a user name and password")],
    ["no network", networkError("read ECONNRESET"), noConclusion("read ECONNRESET")],
  ])("classifies %s", async (_, reply, outcome) => {
    expect(await check(reply).outcome).toEqual(outcome)
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
