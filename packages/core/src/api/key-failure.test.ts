import * as fc from "fast-check"
import type { Reply } from "qwen-auth-testing/fake-platform"
import { apiError, refusedRequest, rejected } from "qwen-auth-testing/refusals"
import { empty, firewallPage, json, page, text } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import { type ApiEndpoint, endpointLabel, PLANS, type PlanId, planOf } from "../catalog/plans.ts"
import type { RefusedRequest } from "./api-failure.ts"
import { keyFailure } from "./key-failure.ts"

const ENDPOINTS = PLANS.flatMap(({ endpoints }) => endpoints)
const PLAN_ENDPOINTS = ENDPOINTS.filter(({ plan }) => plan !== "pay-as-you-go")
const PAID_ENDPOINTS = ENDPOINTS.filter(({ plan }) => plan === "pay-as-you-go")

/** Returns a key with the prefix of the plan's keys. */
const keyFor = ({ plan }: ApiEndpoint) => (plan === "pay-as-you-go" ? "sk-key-of-the-test" : "sk-sp-key-of-the-test")

async function failureFor(
  endpoint: ApiEndpoint,
  reply: Reply,
  fields: Partial<RefusedRequest> = {},
  key = keyFor(endpoint),
) {
  const { error, status } = keyFailure(endpoint, key, await refusedRequest(reply, fields), null)
  return { code: error.code, status, message: error.message, remedy: error.remedy, sentence: error.sentence }
}

/** Combines each case with each endpoint: the labels of both, the endpoint, and the other values of the case. */
const at = <Rest extends readonly unknown[]>(
  endpoints: readonly ApiEndpoint[],
  cases: readonly (readonly [string, ...Rest])[],
) =>
  endpoints.flatMap((endpoint) =>
    cases.map(([name, ...rest]): [string, string, ApiEndpoint, ...Rest] => [
      endpointLabel(endpoint),
      name,
      endpoint,
      ...rest,
    ]),
  )

const QUOTA = "You exceeded your current quota, please check your plan and billing details. For more: a#token-limit."
const RESET = "Your token-plan 1-month quota has been exhausted. The quota will reset at 10-15 16:00:00 UTC."
const INCORRECT = apiError(401, "invalid_api_key", "Incorrect API key provided.")
const UNPAID = " (the account has an unpaid bill)"
const FREE = " (the free allowance)"
const AGENTS_ONLY = apiError(403, "forbidden", "Coding Plan is currently only available for Coding Agents")
const PLAN_KEY_REFUSED = apiError(403, "InvalidApiKey", "invalid api-key")

describe("a key that is not accepted", () => {
  it.each(
    at(PLAN_ENDPOINTS, [
      ["401 with the message of the OAuth route", rejected],
      ["401 with the message of DashScope", INCORRECT],
      ["401 that mentions a session", apiError(401, undefined, "Your session has expired. Please sign in again.")],
      ["401 without content", empty(401)],
      ["403 invalid api-key", PLAN_KEY_REFUSED],
    ]),
  )(
    "for the %s (%s) belongs to another plan, tier or region, or the plan has expired",
    async (label, _, endpoint, reply) => {
      const { code, status, message, remedy } = await failureFor(endpoint, reply)
      expect([code, status]).toEqual(["api_key_rejected", 401])
      expect(message).toContain(`Model Studio does not accept this key for the ${label}: `)
      expect(message).toContain("expired")
      expect(remedy).toContain("sign in again")
    },
  )

  it.each(
    at(PAID_ENDPOINTS, [
      ["401", INCORRECT],
      ["401 with the message of the OAuth route", rejected],
      ["403 invalid api-key", PLAN_KEY_REFUSED],
    ]),
  )("for %s (%s) was deleted, or belongs to another region or workspace", async (label, _, endpoint, reply) => {
    const { code, status, message } = await failureFor(endpoint, reply)
    expect([code, status]).toEqual(["api_key_rejected", 401])
    expect(message).toContain(
      `Model Studio does not accept this key for ${label.replace("Pay", "pay")}: it was deleted, or`,
    )
  })

  it.each(
    at(PAID_ENDPOINTS, [
      ["401", INCORRECT],
      ["403 invalid api-key", PLAN_KEY_REFUSED],
    ]),
  )("for %s (%s) is recognised as a plan's key by its prefix", async (label, _, endpoint, reply) => {
    const { code, status, message, remedy } = await failureFor(endpoint, reply, {}, "sk-sp-key-of-the-test")
    expect([code, status]).toEqual(["api_key_rejected", 401])
    expect(message).toBe(`This is a plan's key (sk-sp-…), which ${label.replace("Pay", "pay")} does not accept.`)
    expect(remedy).toContain("Coding Plan or Token Plan")
  })
})

describe("a client that the plan does not recognise as a coding agent", () => {
  it.each(ENDPOINTS)("gets a message and a remedy: $plan, $region", async (endpoint) => {
    const { code, status, message, remedy } = await failureFor(endpoint, AGENTS_ONLY)
    expect([code, status]).toEqual(["client_not_allowed", 403])
    expect(message).toContain(`The ${endpointLabel(endpoint)} accepts only coding agents`)
    expect(message).toContain("the request did not name one")
    expect(remedy).toContain("Update this program")
  })

  it.each([
    ["ai/6.0.168 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.14", "ai/6.0.168"],
    ["opencode/1.18.33", "opencode/1.18.33"],
    ["\u001b[31mred\u001b[0m/1", "red/1"],
  ])("is named as in its User-Agent: %j", async (userAgent, agent) => {
    const [endpoint] = PLAN_ENDPOINTS
    if (endpoint === undefined) throw new Error("expected a plan")
    const { error } = keyFailure(endpoint, keyFor(endpoint), await refusedRequest(AGENTS_ONLY), userAgent)
    expect(error.message).toBe(
      `The ${endpointLabel(endpoint)} accepts only coding agents that it knows, and "${agent}" is not one of them.`,
    )
    expect(error.sentence).not.toContain("settings")
  })
})

describe("a plan's quota", () => {
  it.each(
    at(PLAN_ENDPOINTS, [
      ["429 insufficient_quota", apiError(429, "insufficient_quota", "You exceeded your current quota."), ""],
      ["429 for five hours", apiError(429, "throttling", "hour allocated quota exceeded"), " (hourly limit)"],
      ["429 for a week", apiError(429, "throttling", "week allocated quota exceeded."), " (weekly limit)"],
      ["429 for a month", apiError(429, "throttling", "month allocated quota exceeded"), " (monthly limit)"],
      ["429 with its reset", apiError(429, "insufficient_quota", RESET), " until Fri 15 Oct, 16:00 (monthly limit)"],
      ["403", apiError(403, undefined, "Free allocated quota exceeded."), " (the free allowance)"],
    ]),
  )("for the %s (%s) is used up until the plan's next period", async (label, _, endpoint, reply, details) => {
    const { code, status, message, remedy } = await failureFor(endpoint, reply, { waitMs: 1_000 })
    // Not 429, because hosts would retry for minutes and the quota resets after hours.
    expect([code, status]).toEqual(["quota_exhausted", 403])
    expect(message).toBe(`The quota for the ${label} is used up${details}.`)
    expect(remedy).toContain(details.startsWith(" until") ? "Wait until then" : "next period")
  })

  it.each(PLAN_ENDPOINTS)("is used up without a message of the service: $plan, $region", async (endpoint) => {
    const { message } = await failureFor(endpoint, apiError(429, "insufficient_quota", ""))
    expect(message).toBe(`The quota for the ${endpointLabel(endpoint)} is used up.`)
  })
})

describe("a short limit of a plan", () => {
  it.each(
    at(PLAN_ENDPOINTS, [
      ["tokens per minute", apiError(429, "insufficient_quota", QUOTA)],
      ["concurrency", apiError(429, "Throttling", "concurrency allocated quota exceeded")],
      ["about an hour", apiError(429, "Throttling", "usage allocated quota exceeded. please try again later.")],
      ["requests", apiError(429, "Throttling.RateQuota", "Requests rate limit exceeded.")],
    ]),
  )("of the %s (%s) is a rate limit", async (_, __, endpoint, reply) => {
    const { code, status } = await failureFor(endpoint, reply)
    expect([code, status]).toEqual(["rate_limited", 429])
  })
})

describe("pay as you go", () => {
  it.each(
    at(PAID_ENDPOINTS, [
      ["You exceeded your current quota, the limit of tokens per minute", apiError(429, "insufficient_quota", QUOTA)],
      ["an allocated quota", apiError(429, "Throttling.AllocationQuota", "Allocated quota exceeded.")],
      ["a rate of requests", apiError(429, "Throttling.RateQuota", "Requests rate limit exceeded.")],
      ["no content", empty(429)],
    ]),
  )("for %s treats 429 with %s as a rate limit", async (_, __, endpoint, reply) => {
    const { code, status, remedy } = await failureFor(endpoint, reply)
    expect([code, status]).toEqual(["rate_limited", 429])
    expect(remedy).toContain("Wait a minute")
  })

  it.each(
    at(PAID_ENDPOINTS, [
      ["400 Arrearage", apiError(400, "Arrearage", "Make sure your account is in good standing."), UNPAID],
      ["403 overdue", apiError(403, "PrepaidBillOverdue", "The prepaid bill is overdue."), UNPAID],
      ["403 free tier only", apiError(403, "AllocationQuota.FreeTierOnly", "The free tier has been exhausted."), FREE],
      ["403 free quota", apiError(403, undefined, "Free allocated quota exceeded."), FREE],
      ["403 insufficient_quota", apiError(403, "insufficient_quota", QUOTA), ""],
    ]),
  )("for %s treats %s as the used-up quota of the account", async (label, _, endpoint, reply, details) => {
    const { code, status, message, remedy } = await failureFor(endpoint, reply)
    expect([code, status]).toEqual(["quota_exhausted", 403])
    expect(message).toBe(`The quota for ${label.replace("Pay", "pay")} is used up${details}.`)
    expect(remedy).toContain("balance")
  })
})

describe("an error response of any endpoint", () => {
  it.each(
    at(ENDPOINTS, [
      ["429 for another reason", apiError(429, "rate_limit", "slow down"), "rate_limited", 429, "Wait a minute"],
      ["429 without a body", empty(429), "rate_limited", 429, "fewer parallel requests"],
      [
        "400",
        apiError(400, "invalid_parameter_error", "no"),
        "request_refused",
        400,
        "HTTP 400, invalid_parameter_error.",
      ],
      [
        "400 for a full context",
        apiError(400, "x", "Range of input length should be [1, 983616]"),
        "context_length_exceeded",
        400,
        "too long",
      ],
      [
        "403 for another reason",
        apiError(403, "AccessDenied", "Denied."),
        "request_refused",
        403,
        "HTTP 403, AccessDenied.",
      ],
      ["404 for another reason", empty(404), "request_refused", 404, "HTTP 404 without content"],
      ["plain text", text("secret-1", 400), "request_refused", 400, "HTTP 400 without JSON"],
      ["the web firewall with 200", firewallPage(200), "web_firewall", 403, "Alibaba's web firewall"],
      ["the web firewall with 405", firewallPage(405), "web_firewall", 403, "the sign-in is kept"],
      ["a page with 401", page(401), "web_firewall", 403, "A web page"],
      ["a proxy's 407", empty(407), "proxy_refused", 403, "HTTPS_PROXY"],
      ["a gateway's 504 page", page(504), "service_unreachable", 504, "HTTP 504 with a web page"],
      ["500", apiError(500, "insufficient_quota", QUOTA), "service_unreachable", 500, "HTTP 500"],
    ]),
  )("is explained for %s: %s", async (_, __, endpoint, reply, code, status, text) => {
    const failure = await failureFor(endpoint, reply)
    expect([failure.code, failure.status]).toEqual([code, status])
    expect(failure.sentence).toContain(text)
  })

  it.each(
    at(ENDPOINTS, [
      ["404", apiError(404, "model_not_found", "No.")],
      ["403", apiError(403, "Model.AccessDenied", "No.")],
      ["403 for a model of another tier", apiError(403, "AccessDenied.Unpurchased", "Access to model denied.")],
    ]),
  )("names the unknown model and the plan to choose from, for %s: %s", async (_, __, endpoint, reply) => {
    const { code, status, sentence } = await failureFor(endpoint, reply, { model: "qwen9" })
    expect([code, status]).toEqual(["model_not_available", 404])
    expect(sentence).toContain('"qwen9"')
    expect(sentence).toContain(`Choose a model of the ${planOf(endpoint.plan).name}.`)
  })

  it.each(ENDPOINTS)("states the wait that the service requests: $plan, $region", async (endpoint) => {
    const { remedy } = await failureFor(endpoint, empty(429), { waitMs: 7_200_000 })
    expect(remedy).toContain("Wait 2 hours")
  })

  it("never repeats the request id", async () => {
    for (const reply of [rejected, INCORRECT, AGENTS_ONLY, PLAN_KEY_REFUSED, apiError(429, undefined, QUOTA)]) {
      for (const endpoint of ENDPOINTS) expect((await failureFor(endpoint, reply)).sentence).not.toContain("5000")
    }
  })
})

describe("the key of a request", () => {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"]
  const key = fc
    .tuple(
      fc.constantFrom("sk-", "sk-sp-", "sk-ws-"),
      fc.string({ unit: fc.constantFrom(...letters), minLength: 32, maxLength: 64 }),
    )
    .map(([start, rest]) => start + rest)
  const echoed = (body: (key: string) => unknown, status: number) => ({ body, status })
  const echo = fc.constantFrom(
    ...[400, 401, 403, 404, 429].flatMap((status) => [
      echoed(
        (apiKey) => ({ error: { code: "invalid_api_key", message: `Incorrect API key provided: ${apiKey}.` } }),
        status,
      ),
      echoed((apiKey) => ({ error: { code: apiKey, message: `quota of model "${apiKey}"` } }), status),
      echoed((apiKey) => ({ code: apiKey, message: `\n${apiKey}\n`, request_id: apiKey }), status),
      echoed((apiKey) => ({ error: apiKey, message: [apiKey] }), status),
      echoed((apiKey) => apiKey, status),
    ]),
  )
  const endpoint = fc.constantFrom<ApiEndpoint>(...ENDPOINTS)

  it("is never in an error, whatever the service repeats", async () => {
    await fc.assert(
      fc.asyncProperty(key, echo, endpoint, async (apiKey, { body, status }, at) => {
        const { error } = keyFailure(at, apiKey, await refusedRequest(json(body(apiKey), status)), null)
        expect(error.sentence).not.toContain(apiKey)
        expect(JSON.stringify(error)).not.toContain(apiKey)
      }),
      { numRuns: 300 },
    )
  })
})

it("every plan has a label in messages", () => {
  const plans: PlanId[] = ["coding-plan", "token-plan", "pay-as-you-go"]
  expect(PLANS.map(({ id }) => id)).toEqual(plans)
  expect(new Set(ENDPOINTS.map(endpointLabel)).size).toBe(ENDPOINTS.length)
})
