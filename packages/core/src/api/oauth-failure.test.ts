import type { Reply } from "qwen-auth-testing/fake-platform"
import { apiError, refusedRequest, rejected } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, page, text } from "qwen-auth-testing/replies"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { describe, expect, it } from "vitest"
import { oauthFailure } from "./oauth-failure.ts"

const failureFor = async (reply: Reply, fields = {}) => oauthFailure("access-1", await refusedRequest(reply, fields))

const QUOTA = "You exceeded your current quota, please check your plan and billing details."
const EXPIRED = "Your session has expired, or the token is no longer valid. Please sign in again to proceed."
const REJECTED = "no longer accepts this sign-in"

const rows: [string, Reply, string, number, string][] = [
  ["401 invalid_api_key with a fresh token", rejected, "free_tier_ended", 403, "2026-04-15"],
  ["401 without content", empty(401), "free_tier_ended", 403, "2026-04-15"],
  [
    "401 from a host that is not the token's",
    apiError(401, "invalid_api_key", EXPIRED),
    "session_expired",
    401,
    REJECTED,
  ],
  [
    "401 with a shorter message",
    apiError(401, undefined, "Your session has expired."),
    "session_expired",
    401,
    REJECTED,
  ],
  ["429 insufficient_quota", apiError(429, "insufficient_quota", QUOTA), "free_tier_ended", 403, "no free quota"],
  [
    "429 with only the message about the quota",
    apiError(429, undefined, QUOTA),
    "free_tier_ended",
    403,
    "no free quota",
  ],
  ["403 free quota", apiError(403, undefined, "Free allocated quota exceeded."), "free_tier_ended", 403, "API key"],
  ["429 free quota", apiError(429, undefined, "Free allocated quota exceeded."), "free_tier_ended", 403, "API key"],
  ["429 for another reason", apiError(429, "rate_limit", "slow down"), "rate_limited", 429, "rate limit"],
  ["429 without a body", empty(429), "rate_limited", 429, "Wait a minute"],
  ["400", apiError(400, "invalid_parameter_error", "no"), "request_refused", 400, "HTTP 400, invalid_parameter_error."],
  [
    "400 for a full context",
    apiError(400, "x", "Range of input length should be [1, 500000]"),
    "context_length_exceeded",
    400,
    "too long",
  ],
  ["404 for a model", apiError(404, "model_not_found", "No such model"), "model_not_available", 404, '"qwen9"'],
  ["403 for a model", apiError(403, "Model.AccessDenied", "Denied."), "model_not_available", 404, "coder-model"],
  ["404 for another reason", empty(404), "request_refused", 404, "HTTP 404 without content"],
  [
    "flat error fields",
    json({ code: "NoSuch.thing", message: "no" }, 400),
    "request_refused",
    400,
    "400, NoSuch.thing.",
  ],
  ["an error that is a string", json({ error: "no" }, 400), "request_refused", 400, "refused the request: HTTP 400."],
  ["plain text", text("secret-1", 400), "request_refused", 400, "HTTP 400 without JSON"],
  ["the web firewall with 200", firewallPage(200), "web_firewall", 403, "Alibaba's web firewall"],
  ["the web firewall with 405", firewallPage(405), "web_firewall", 403, "the sign-in is kept"],
  ["a page with 401", page(401), "web_firewall", 403, "A web page"],
  ["a proxy's 407", page(407), "proxy_refused", 403, "HTTPS_PROXY"],
  ["a gateway's 504 page", page(504), "service_unreachable", 504, "HTTP 504 with a web page"],
  ["500", apiError(500, "internal_error", QUOTA), "service_unreachable", 500, "HTTP 500"],
]

describe("an error response of the OAuth route", () => {
  it.each(rows)("is explained: %s", async (_, reply, code, status, text) => {
    const failure = await failureFor(reply, { model: "qwen9" })
    expect([failure.error.code, failure.status]).toEqual([code, status])
    expect(failure.error.sentence).toContain(text)
  })

  it.each(rows.filter(([, , , status]) => status !== 429 && status < 500))(
    "does not make OpenCode retry: %s",
    async (_, reply) => {
      expect(retryWordIn((await failureFor(reply, { model: "qwen9" })).error.sentence)).toBeUndefined()
    },
  )

  it.each(rows.filter(([, , code]) => code === "free_tier_ended"))("says what to use instead: %s", async (_, reply) => {
    const { error } = await failureFor(reply)
    expect(error.remedy).toMatch(/Coding Plan, Token Plan or pay as you go/)
    expect(error.remedy).toContain("https://home.qwencloud.com/api-keys")
  })

  it("names the models of an account when it does not have the requested one", async () => {
    const { error } = await failureFor(apiError(404, "model_not_found", "No such model"), { model: "qwen9" })
    expect(error.remedy).toBe(
      "A Qwen account has coder-model and vision-model; for other models, sign in with Model Studio.",
    )
  })

  it("states the wait that the service requests", async () => {
    const { error } = await failureFor(empty(429), { waitMs: 150_000 })
    expect(error.remedy).toContain("Wait 3 minutes")
  })

  it("never repeats the request id", async () => {
    for (const [, reply] of rows) expect((await failureFor(reply)).error.sentence).not.toContain("5000")
  })
})
