import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, networkError, page, silence, text } from "qwen-auth-testing/replies"
import { keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { checkCodingPlanKey } from "./coding-plan-check.ts"

const KEY = keyCredential()
const AGENT = "opencode/1.18.33"
const AGENTS_ONLY = "Coding Plan is currently only available for Coding Agents"
const NOT_RECOGNISED = "the Coding Plan does not recognise this program as a coding agent"

function checked(reply: Reply) {
  const platform = fakePlatform({ replies: [reply] })
  return { platform, outcome: checkCodingPlanKey(platform, KEY, AGENT) }
}

describe("checkCodingPlanKey", () => {
  it("asks for the smallest chat with a model that cannot exist, by the host's name", async () => {
    const { platform, outcome } = checked(rejected)
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

  it("names no program when the host has no name", async () => {
    const platform = fakePlatform({ replies: [rejected] })
    await checkCodingPlanKey(platform, KEY, undefined)
    expect(platform.requests[0]?.headers.has("user-agent")).toBe(false)
  })

  it.each<[string, Reply, unknown]>([
    ["a wrong key as documented", rejected, { kind: "refused" }],
    ["a wrong key in other words", apiError(401, "x", "Invalid API-key provided."), { kind: "refused" }],
    ["an unknown model", apiError(400, "x", "model 'no-such-model' is not supported"), { kind: "accepted" }],
    ["an unknown model, as the other plans say it", apiError(404, "model_not_found", "no"), { kind: "accepted" }],
    ["405 with a string", json({ error: AGENTS_ONLY }, 405), { kind: "untold", why: NOT_RECOGNISED }],
    ["403 with an object", apiError(403, "access_denied", AGENTS_ONLY), { kind: "untold", why: NOT_RECOGNISED }],
    ["another 401", apiError(401, "x", "no"), { kind: "untold", why: "the Coding Plan answered HTTP 401" }],
    ["another 400", apiError(400, "x", "no"), { kind: "untold", why: "the Coding Plan answered HTTP 400" }],
    ["an answer", json({ choices: [] }), { kind: "untold", why: "the Coding Plan answered HTTP 200" }],
    ["a rate limit", apiError(429, "x", "slow down"), { kind: "unknown", why: "HTTP 429" }],
    ["an error of the service", apiError(500, "x", "no"), { kind: "unknown", why: "HTTP 500" }],
    ["a gateway's page", page(504), { kind: "unknown", why: "HTTP 504 with a web page" }],
    ["a page with 401", page(401), { kind: "unknown", why: "HTTP 401 with a web page" }],
    ["the web firewall", firewallPage(405), { kind: "unknown", why: "HTTP 405 with a web firewall's page" }],
    ["no JSON", text("denied", 401), { kind: "unknown", why: "HTTP 401 without JSON" }],
    ["nothing", empty(404), { kind: "unknown", why: "HTTP 404 without content" }],
    [
      "a redirect",
      empty(302, { location: "https://evil.test/" }),
      { kind: "unknown", why: "HTTP 302 without content" },
    ],
    ["a proxy", empty(407), { kind: "unknown", why: "the proxy requires a user name and password" }],
    ["no network", networkError("read ECONNRESET"), { kind: "unknown", why: "read ECONNRESET" }],
  ])("reads %s", async (_, reply, outcome) => {
    expect(await checked(reply).outcome).toEqual(outcome)
  })

  it("ends after ten seconds without an answer", async () => {
    const { platform, outcome } = checked(silence)
    expect(await outcome).toMatchObject({ kind: "unknown", why: expect.stringContaining("within 10 seconds") })
    expect([platform.waits, platform.openWaits()]).toEqual([[10_000], 0])
  })

  it("sends no key to another address", async () => {
    for (const baseUrl of [
      "https://xmaas.qwencloudapi.com/v1",
      "https://evil.test/v1",
      "http://dashscope.aliyuncs.com",
    ]) {
      const platform = fakePlatform()
      const outcome = await checkCodingPlanKey(platform, keyCredential({ baseUrl }), AGENT)
      expect([outcome, platform.requests]).toEqual([{ kind: "unknown", why: "not a Model Studio API address" }, []])
    }
  })

  it("can be aborted", async () => {
    const platform = fakePlatform()
    const failure = await failureOf(checkCodingPlanKey(platform, KEY, AGENT, AbortSignal.abort()))
    expect([failure.code, platform.requests]).toEqual(["aborted", []])
  })
})
