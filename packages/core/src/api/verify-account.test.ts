import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, networkError, page, silence, text } from "qwen-auth-testing/replies"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { verifyAccount } from "./verify-account.ts"

const QUOTA = "You exceeded your current quota, please check your plan and billing details."
const FREE = "Free allocated quota exceeded."
const EXPIRED = "Your session has expired, or the token is no longer valid. Please sign in again to proceed."

function setUp(reply: Reply, resourceUrl = "portal.qwen.ai") {
  const platform = fakePlatform({ replies: [reply] })
  const abort = new AbortController()
  const verify = () =>
    verifyAccount(credential({ resourceUrl }), { platform, userAgent: "test/1", signal: abort.signal })
  return { platform, abort, verify }
}

describe("verifying a new sign-in with an account", () => {
  it.each([
    ["401 invalid_api_key", rejected],
    ["429 insufficient_quota", apiError(429, "insufficient_quota", QUOTA)],
    ["403 free quota", apiError(403, "insufficient_quota", FREE)],
    ["429 free quota", apiError(429, undefined, FREE)],
    ["a used-up quota with status 200", json({ error: { code: "insufficient_quota", message: QUOTA } })],
  ])("fails if the account definitely has no quota: %s", async (_, reply) => {
    const { verify, platform } = setUp(reply)
    const error = await failureOf(verify())
    expect(error).toMatchObject({ code: "free_tier_ended" })
    expect(platform.requests).toHaveLength(1)
    expect(platform.openWaits()).toBe(0)
  })

  it.each([
    ["a chat completion", json({ choices: [{ message: { content: "hi" }, finish_reason: "length" }] })],
    ["429 for another reason", apiError(429, "rate_limit", "slow down")],
    ["429 without a body", empty(429)],
    ["401 without a body", empty(401)],
    ["401 from a proxy", json({ error: "unauthorized" }, 401)],
    ["401 from a host that is not the token's", apiError(401, "invalid_api_key", EXPIRED)],
    ["400", apiError(400, "invalid_parameter_error", "bad request")],
    ["404 for the model", apiError(404, "model_not_found", "No such model")],
    ["500", apiError(500, "internal_error", QUOTA)],
    ["500 with the code of a used-up quota", apiError(500, "insufficient_quota", QUOTA)],
    ["a gateway's web page", page(504)],
    ["a web page with 401", page(401)],
    ["the web firewall", firewallPage(405)],
    ["a redirect", empty(302, { location: "https://evil.test" })],
    ["a web page with 200", page(200)],
    ["plain text", text("hello")],
    ["a network error", networkError()],
    ["no response within ten seconds", silence],
  ])("succeeds with %s", async (_, reply) => {
    const { verify, platform } = setUp(reply)
    await verify()
    expect(platform.requests).toHaveLength(1)
    expect(platform.openWaits()).toBe(0)
    expect(JSON.stringify(platform.logged)).not.toContain("access-1")
  })

  it("sends one small request that follows the rules of the OAuth route", async () => {
    const { verify, platform } = setUp(json({ choices: [] }), "other.qwen.ai/v1")
    await verify()
    const [request] = platform.requests
    expect([request?.url, request?.method, request?.redirect]).toEqual([
      "https://other.qwen.ai/v1/chat/completions",
      "POST",
      "manual",
    ])
    expect(request?.headers.get("authorization")).toBe("Bearer access-1")
    expect(request?.headers.get("x-dashscope-authtype")).toBe("qwen-oauth")
    expect(JSON.parse(String(request?.body))).toMatchObject({
      model: "coder-model",
      max_tokens: 1,
      messages: [{ role: "system" }, { role: "user", content: "hi" }],
    })
  })

  it("fails when the user cancels", async () => {
    const { verify, abort, platform } = setUp(silence)
    const failure = failureOf(verify())
    abort.abort()
    expect(await failure).toMatchObject({ code: "aborted" })
    expect(platform.openWaits()).toBe(0)
  })
})
