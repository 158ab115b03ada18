import { accountRequests, keyRequests, readError } from "qwen-auth-testing/chat-requests"
import type { Reply } from "qwen-auth-testing/fake-platform"
import { apiError, rejected } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, page } from "qwen-auth-testing/replies"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { keyCredential, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import type { ApiKeyCredential } from "../credentials/credential.ts"

const CODING = keyCredential()
const TOKEN_PLAN = keyCredential({
  plan: "token-plan",
  baseUrl: "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
})
const PAID = keyCredential({
  plan: "pay-as-you-go",
  apiKey: "sk-key-of-the-test",
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
})

const DAYS = { "retry-after": String(12 * 24 * 3_600) }
const USED_UP = (period: string, reset: string) =>
  `Your token-plan 1-${period} quota has been exhausted. The quota will reset at ${reset} UTC.`
const invalidParameter = (message: string) =>
  apiError(400, "invalid_parameter_error", `<400> InternalError.Algo.InvalidParameter: ${message}`)

/** The response that a caller gets: the code, the status, the Retry-After, and a part of the message. */
type Expected = readonly [code: string, status: number, retryAfter: string | null, message: RegExp]

/**
 * Known error responses, each with the credential with which it was observed. The time is 2 November 2026, 10:00 UTC,
 * and the user is in Berlin.
 */
const KEY_ROWS: readonly [name: string, key: ApiKeyCredential, reply: Reply, expected: Expected][] = [
  ["401 for a key of another plan", CODING, rejected, ["api_key_rejected", 401, null, /another plan, tier or region/]],
  ["401 for an expired plan", TOKEN_PLAN, rejected, ["api_key_rejected", 401, null, /or the plan has expired/]],
  [
    "401 Incorrect API key",
    PAID,
    apiError(401, "invalid_api_key", "Incorrect API key provided."),
    ["api_key_rejected", 401, null, /it was deleted, or belongs to another region or workspace/],
  ],
  [
    "403 for a plan's key",
    keyCredential({ ...PAID, apiKey: CODING.apiKey }),
    apiError(403, "invalid_api_key", "invalid api-key"),
    ["api_key_rejected", 401, null, /This is a plan's key/],
  ],
  [
    "405 with a string",
    CODING,
    json({ error: "Coding Plan is currently only available for Coding Agents" }, 405),
    ["client_not_allowed", 403, null, /accepts only coding agents that it knows/],
  ],
  ["405 with any other string", CODING, json({ error: "no" }, 405), ["client_not_allowed", 403, null, /coding agents/]],
  [
    "404 without a body",
    CODING,
    empty(404),
    ["request_refused", 404, null, /nothing at this address of the Coding Plan/],
  ],
  [
    "400 model is not supported",
    CODING,
    apiError(400, "invalid_parameter_error", "model 'Qwen3-coder-plus' is not supported"),
    ["model_not_available", 404, null, /qwen3-coder-plus.* is not available.*Capital and small letters differ/],
  ],
  [
    "422 model is not supported",
    CODING,
    apiError(422, "invalid_parameter_error", "model 'Qwen3-coder-plus' is not supported"),
    ["model_not_available", 404, null, /Capital and small letters differ/],
  ],
  [
    "403 concurrency",
    CODING,
    json({ error: "concurrency allocated quota exceeded" }, 403),
    ["rate_limited", 429, null, /Wait a minute/],
  ],
  [
    "400 Invalid API-key provided",
    TOKEN_PLAN,
    apiError(400, "InvalidApiKey", "Invalid API-key provided."),
    ["api_key_rejected", 401, null, /another plan, tier or region/],
  ],
  [
    "429 for some hours, by the header only",
    TOKEN_PLAN,
    json({ error: { message: "Your token-plan 5-hour quota has been exhausted." } }, 429, { "retry-after": "14400" }),
    ["quota_exhausted", 403, null, /is used up until Mon 2 Nov, 15:00 \(hourly limit\)\. Wait until then/],
  ],
  [
    "429 concurrency",
    CODING,
    apiError(429, "limit_requests", "concurrency allocated quota exceeded"),
    ["rate_limited", 429, null, /Wait a minute/],
  ],
  [
    "429 for the month",
    TOKEN_PLAN,
    json({ error: { message: USED_UP("month", "11-14 16:00:00"), code: "insufficient_quota" } }, 429, DAYS),
    ["quota_exhausted", 403, null, /is used up until Sat 14 Nov, 17:00 \(monthly limit\)\. Wait until then/],
  ],
  [
    "429 for the week",
    TOKEN_PLAN,
    json({ error: { message: USED_UP("week", "11-05 16:00:00"), code: "insufficient_quota" } }, 429, DAYS),
    ["quota_exhausted", 403, null, /is used up until Thu 5 Nov, 17:00 \(weekly limit\)/],
  ],
  [
    "429 for the month in DashScope's format",
    TOKEN_PLAN,
    json({ code: "Throttling.AllocationQuota", message: USED_UP("month", "01-14 16:00:00"), request_id: "5000" }, 429),
    ["quota_exhausted", 403, null, /is used up until Thu 14 Jan, 17:00 \(monthly limit\)/],
  ],
  [
    "429 that resets in minutes",
    TOKEN_PLAN,
    json({ error: { message: USED_UP("week", "11-02 10:00:40"), code: "insufficient_quota" } }, 429),
    ["rate_limited", 429, "1", /Wait a second, then try again/],
  ],
  [
    "429 that resets in minutes, with a wait",
    TOKEN_PLAN,
    json({ error: { message: USED_UP("week", "11-02 10:05:00"), code: "insufficient_quota" } }, 429),
    ["rate_limited", 429, "60", /Wait 5 minutes, then try again/],
  ],
  [
    "429 without content, with a wait of days",
    TOKEN_PLAN,
    empty(429, DAYS),
    ["quota_exhausted", 403, null, /is used up until Sat 14 Nov, 11:00\./],
  ],
  [
    "401 Invalid API-key",
    TOKEN_PLAN,
    apiError(401, "invalid_api_key", "Invalid API-key provided."),
    ["api_key_rejected", 401, null, /another plan, tier or region, or the plan has expired/],
  ],
  [
    "403 access denied",
    TOKEN_PLAN,
    apiError(403, "access_denied", "Access to model denied. Please make sure you are eligible for using the model."),
    ["model_not_available", 404, null, /may belong to another tier/],
  ],
  [
    "403 AccessDenied.Unpurchased",
    TOKEN_PLAN,
    apiError(403, "AccessDenied.Unpurchased", "Access to model denied."),
    ["model_not_available", 404, null, /may belong to another tier/],
  ],
  [
    "400 Arrearage",
    PAID,
    apiError(400, "Arrearage", "Access denied, please make sure your account is in good standing."),
    ["quota_exhausted", 403, null, /unpaid bill/],
  ],
  [
    "403 FreeTierOnly",
    PAID,
    apiError(403, "AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted."),
    ["quota_exhausted", 403, null, /the free allowance/],
  ],
  ...["RateQuota", "BurstRate", "Concurrency"].map((limit): [string, ApiKeyCredential, Reply, Expected] => [
    `429 ${limit}`,
    PAID,
    apiError(429, `Throttling.${limit}`, "Request rate increased too quickly, please slow down and try again later."),
    ["rate_limited", 429, null, /Wait a minute/],
  ]),
  ...[CODING, TOKEN_PLAN, PAID].flatMap((key) =>
    [
      invalidParameter("Range of input length should be [1, 983616]"),
      apiError(400, "InvalidParameter", "Range of input length should be [1, 983616]"),
      json({ code: "InvalidParameter", message: "Range of input length should be [1, 983616]" }, 400),
    ].map((reply): [string, ApiKeyCredential, Reply, Expected] => [
      "400 for a full context",
      key,
      reply,
      ["context_length_exceeded", 400, null, /too long for the model\. Compact the conversation/],
    ]),
  ),
  [
    "400 for thinking without streaming",
    PAID,
    invalidParameter("parameter.enable_thinking must be set to false for non-streaming calls"),
    ["request_refused", 400, null, /thinks only in streamed answers/],
  ],
  [
    "400 for too large a budget",
    PAID,
    invalidParameter("The thinking_budget parameter must be a positive integer and not greater than 81920"),
    ["request_refused", 400, null, /Lower thinking_budget/],
  ],
  [
    "400 for a forced tool",
    PAID,
    invalidParameter("The tool_choice parameter does not support being set to required or object in thinking mode"),
    ["request_refused", 400, null, /Set tool_choice to "auto"/],
  ],
  [
    "429 with a wait of seconds",
    PAID,
    empty(429, { "retry-after": "7" }),
    ["rate_limited", 429, "7", /Wait 7 seconds/],
  ],
  ["200 from the firewall", PAID, firewallPage(200), ["web_firewall", 403, null, /the sign-in is kept/]],
  ["405 from the firewall", CODING, firewallPage(405), ["web_firewall", 403, null, /Alibaba's web firewall/]],
  ["504 from a gateway", PAID, page(504), ["service_unreachable", 504, null, /not available at the moment/]],
]

const QUOTA = "You exceeded your current quota, please check your plan and billing details."
const EXPIRED = "Your session has expired, or the token is no longer valid. Please sign in again to proceed."

const ACCOUNT_ROWS: readonly [name: string, reply: Reply, expected: Expected][] = [
  ["401 with a fresh token", rejected, ["free_tier_ended", 403, null, /2026-04-15.*Coding Plan, Token Plan/]],
  ["401 from another host", apiError(401, "invalid_api_key", EXPIRED), ["session_expired", 401, null, /Sign in again/]],
  [
    "429 for the quota",
    apiError(429, "insufficient_quota", QUOTA),
    ["free_tier_ended", 403, null, /no free quota left/],
  ],
  [
    "429 for the free quota",
    apiError(429, undefined, "Free allocated quota exceeded."),
    ["free_tier_ended", 403, null, /2026/],
  ],
  [
    "403 for the free quota",
    apiError(403, undefined, "Free allocated quota exceeded."),
    ["free_tier_ended", 403, null, /2026/],
  ],
  ["429 for another reason", empty(429, { "retry-after": "7" }), ["rate_limited", 429, "7", /Wait 7 seconds/]],
  [
    "400 for a body rule",
    apiError(400, "invalid_parameter_error", "bad request"),
    ["request_refused", 400, null, /HTTP 400, invalid_parameter_error/],
  ],
  ["200 from the firewall", firewallPage(200), ["web_firewall", 403, null, /the sign-in is kept/]],
  ["504 from a gateway", page(504), ["service_unreachable", 504, null, /not available at the moment/]],
]

async function expectResponse(response: Response, [code, status, retryAfter, message]: Expected): Promise<void> {
  const { headers } = response
  const error = await readError(response)
  expect([error.code, error.status, headers.get("retry-after")]).toEqual([code, status, retryAfter])
  expect(error.message).toMatch(message)
  const retried = status === 429 || status >= 500
  expect(headers.get("x-should-retry")).toBe(String(retried))
  if (!retried) expect(retryWordIn(error.text)).toBeUndefined()
}

describe("an error response is explained", () => {
  it.each(KEY_ROWS)("with an API key: %s", async (_, key, reply, expected) => {
    const { chat, platform } = keyRequests({ key, replies: [reply], timeZone: "Europe/Berlin" })
    await expectResponse(await chat(), expected)
    expect(platform.requests).toHaveLength(1)
  })

  it.each(ACCOUNT_ROWS)("with a Qwen account: %s", async (_, reply, expected) => {
    const rest: Reply = (request) => (request.url.endsWith("/token") ? json(TOKENS) : reply)(request)
    await expectResponse(await accountRequests({ rest }).chat(), expected)
  })
})
