import { describe, expect, it } from "vitest"
import { readAnswer } from "../http/answer.ts"
import type { Reply } from "../testing/fake-world.ts"
import { fakeWorld } from "../testing/fake-world.ts"
import { empty, firewallPage, json, page, text } from "../testing/replies.ts"
import { retryWordIn } from "../testing/retry-words.ts"
import { oauthFailure } from "./failure.ts"

const api = (status: number, code: string | undefined, message: string): Reply =>
  json({ error: { code, message, param: null, type: code }, request_id: "5000-429-503" }, status)

async function failure(reply: Reply, model?: string) {
  const response = await fakeWorld({ replies: [reply] }).fetch("https://portal.qwen.ai/v1", {})
  return oauthFailure(await readAnswer(response), model)
}

const REJECTED = api(401, "invalid_api_key", "invalid access token or token expired")
const QUOTA = "You exceeded your current quota, please check your plan and billing details."

const rows: [string, Reply, string, number, string][] = [
  ["401 invalid_api_key with a fresh token", REJECTED, "free_tier_ended", 403, "2026-04-15"],
  ["401 of another kind", empty(401), "free_tier_ended", 403, "2026-04-15"],
  [
    "401 on a host that is not the token's",
    api(401, undefined, "Your session has expired, or the token is no longer valid. Please sign in again to proceed."),
    "session_expired",
    401,
    "no longer accepts this sign-in",
  ],
  [
    "401 in the shorter words",
    api(401, undefined, "Your session has expired."),
    "session_expired",
    401,
    "Sign in again.",
  ],
  ["429 insufficient_quota", api(429, "insufficient_quota", QUOTA), "free_tier_ended", 403, "no free quota"],
  ["429 with the quota's words only", api(429, undefined, QUOTA), "free_tier_ended", 403, "no free quota"],
  ["403 free quota", api(403, undefined, "Free allocated quota exceeded."), "free_tier_ended", 403, "API key"],
  ["429 free quota", api(429, undefined, "Free allocated quota exceeded."), "free_tier_ended", 403, "API key"],
  ["429 of another kind", api(429, "rate_limit", "slow down"), "rate_limited", 429, "rate limit"],
  ["429 without a body", empty(429), "rate_limited", 429, "Wait a minute"],
  ["400", api(400, "invalid_parameter_error", "bad request"), "request_refused", 400, "bad request"],
  ["404 model", api(404, "model_not_found", "The model does not exist"), "request_refused", 404, '"qwen9"'],
  ["404 of another kind", empty(404), "request_refused", 404, "HTTP 404 without content"],
  ["flat error fields", json({ code: "x", message: "no such thing" }, 400), "request_refused", 400, "no such thing"],
  ["an error that is a text", json({ error: "no" }, 400), "request_refused", 400, "HTTP 400"],
  ["plain text", text("secret-1", 400), "request_refused", 400, "HTTP 400 without JSON"],
  ["the web firewall with 200", firewallPage(200), "web_firewall", 403, "Alibaba's web firewall"],
  ["the web firewall with 405", firewallPage(405), "web_firewall", 403, "the sign-in is kept"],
  ["a page with 200", page(200), "web_firewall", 403, "A web page"],
  ["a page with 401", page(401), "web_firewall", 403, "A web page"],
  ["a gateway's 504 page", page(504), "request_refused", 504, "HTTP 504 with a web page"],
  ["500", api(500, "internal_error", "internal error"), "request_refused", 500, "internal error"],
  ["503 without content", empty(503), "request_refused", 503, "HTTP 503"],
]

describe("an error answer of the OAuth route", () => {
  it.each(rows)("%s", async (_, reply, code, status, words) => {
    const { error, status: told } = await failure(reply, "qwen9")
    expect([error.code, told]).toEqual([code, status])
    expect(error.sentence).toContain(words)
  })

  it.each(rows.filter(([, , , status]) => status !== 429 && status < 500))(
    "%s: the words do not make OpenCode try again",
    async (_, reply) => {
      expect(retryWordIn((await failure(reply, "qwen9")).error.sentence)).toBeUndefined()
    },
  )

  it.each(rows.filter(([, , code]) => code === "free_tier_ended"))("%s: says what to use instead", async (_, reply) => {
    const { error } = await failure(reply)
    expect(error.remedy).toMatch(/Coding Plan, Token Plan or pay as you go/)
    expect(error.remedy).toContain("https://modelstudio.console.alibabacloud.com")
  })

  it("names no model when none was asked for", async () => {
    const { error } = await failure(api(404, "model_not_found", "no"), undefined)
    expect(error.message).toBe("The model is not available to this account.")
  })

  it("shows the service's words and the model's name made safe", async () => {
    expect((await failure(api(400, "x", "\u001b[31mno\nway"))).error.message).toContain(": no way")
    const { error } = await failure(api(404, "model_not_found", "no"), "\u001b[31mqwen9\u202e")
    expect(error.message).toContain('"qwen9"')
  })

  it("never repeats the request id", async () => {
    for (const [, reply] of rows) expect((await failure(reply)).error.sentence).not.toContain("5000")
  })
})
