import { readFile } from "node:fs/promises"
import { expect, test } from "vitest"
import { chat, made, models } from "../test-support/key-requests.ts"
import { objectIn, simulatorUnderTest } from "../test-support/simulator-under-test.ts"
import { ANSWER_NAMES } from "./named-answers.ts"

/** Name, status, and the text of the error or a part of it. */
const ERRORS: [string, number, string][] = [
  ["token-rejected", 401, "invalid access token or token expired"],
  [
    "session-expired",
    401,
    "Your session has expired, or the token is no longer valid. Please sign in again to proceed.",
  ],
  ["incorrect-key", 401, "Incorrect API key provided"],
  ["plan-key-refused", 403, "invalid api-key"],
  ["invalid-key-provided", 401, "Invalid API-key provided"],
  ["coding-agents-only", 405, '{"error":"Coding Plan is currently only available for Coding Agents"}'],
  ["wrong-path", 404, ""],
  ["model-not-supported", 400, "model 'glm-5' is not supported"],
  ["model-not-found", 404, "The model `glm-5` does not exist"],
  ["access-denied", 403, "Access to model denied"],
  ["unpurchased", 403, "AccessDenied.Unpurchased"],
  ["concurrency-quota", 429, "concurrency allocated quota exceeded"],
  ["rate-quota", 429, "Throttling.RateQuota"],
  ["burst-rate", 429, "Throttling.BurstRate"],
  ["concurrency", 429, "Throttling.Concurrency"],
  ["rate-limit-seconds", 429, "Rate limit exceeded"],
  ["rate-limit-date", 429, "Rate limit exceeded"],
  ["arrearage", 400, '"code":"Arrearage"'],
  ["free-tier-only", 403, "AllocationQuota.FreeTierOnly"],
  ["free-quota-429", 429, "You exceeded your current quota"],
  ["free-allocated-429", 429, "Free allocated quota exceeded."],
  ["free-allocated-403", 403, "Free allocated quota exceeded."],
  ["input-too-long", 400, "InvalidParameter: Range of input length should be [1, 983616]"],
  ["thinking-unstreamed", 400, "parameter.enable_thinking must be set to false for non-streaming calls"],
  ["budget-too-large", 400, "thinking_budget parameter must be a positive integer and not greater than"],
  ["tool-choice-while-thinking", 400, "tool_choice"],
  ["bad-request", 400, '{"error":{"code":"invalid_parameter_error","message":"bad request"'],
  ["refresh-token-refused", 400, "Invalid refresh token or client_id"],
  ["client-refused", 401, '{"error":"invalid_client","error_description":"Invalid client credentials"}'],
  ["firewall", 200, "aliyun_waf_aa"],
  ["firewall-405", 405, "aliyun_waf_aa"],
  ["gateway", 504, "<html>"],
]

test.each(ERRORS)("%s is %d with %j, at any endpoint", async (named, status, message) => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "token" })
  const queue = [{ named }]
  await simulator.scenario({ answers: { planChat: { queue }, planModels: { queue } } })
  const answers = [await chat(base, key, { model: "glm-5" }), await models(base, key)]
  for (const answer of answers) expect(answer.status).toBe(status)
  expect(await answers[0]?.text()).toContain(message)
  expect((await chat(base, key, { model: "glm-5" })).status).toBe(200)
})

const QUOTA = {
  // The clock stands at 2026-11-01 00:00 UTC.
  "token-month-used-up": ["1-month", "11-13 16:00:00 UTC", 12 * 86_400 + 16 * 3_600],
  "token-week-used-up": ["1-week", "11-04 16:00:00 UTC", 3 * 86_400 + 16 * 3_600],
} as const

test.each(Object.entries(QUOTA))(
  "%s states the reset of %s as a date and in seconds, in both formats",
  async (named, quota) => {
    const [period, reset, seconds] = quota
    const message = `Your token-plan ${period} quota has been exhausted. The quota will reset at ${reset}.`
    const simulator = await simulatorUnderTest()
    const { base, key } = await made(simulator, { plan: "token" })
    await simulator.scenario({ answers: { planChat: { queue: [{ named }, { named: `${named}-native` }] } } })

    const compatible = await chat(base, key)
    expect([compatible.status, compatible.headers.get("retry-after")]).toEqual([429, String(seconds)])
    const error = { message, type: "insufficient_quota", code: "insufficient_quota" }
    expect(await compatible.json()).toEqual({ error })
    simulator.clock.advance(60)
    const native = await chat(base, key)
    expect([native.status, native.headers.get("retry-after")]).toEqual([429, String(seconds - 60)])
    const request_id = expect.any(String)
    expect(await native.json()).toEqual({ code: "Throttling.AllocationQuota", message, request_id })
  },
)

test("the reset is one day later when today's hour has passed", async () => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "token" })
  await simulator.scenario({ answers: { planChat: { standing: { named: "token-week-used-up" } } } })
  simulator.clock.advance(17 * 3_600)
  expect(await (await chat(base, key)).text()).toContain("reset at 11-05 16:00:00 UTC")
})

test("a rate limit has a retry-after in seconds or as a date", async () => {
  const simulator = await simulatorUnderTest()
  const { base, key } = await made(simulator, { plan: "payg" })
  await simulator.scenario({
    answers: { planChat: { queue: [{ named: "rate-limit-seconds" }, { named: "rate-limit-date" }] } },
  })
  expect((await chat(base, key)).headers.get("retry-after")).toBe("7")
  expect((await chat(base, key)).headers.get("retry-after")).toBe("Sun, 01 Nov 2026 00:00:07 GMT")
})

test("a named answer can be combined with transmission faults only", async () => {
  const { scenario, control, signIn, chat: ask } = await simulatorUnderTest()
  const { access_token } = await signIn()
  await scenario({ answers: { chat: { queue: [{ named: "gateway", cutAfterBytes: 3 }] } } })
  await expect((await ask(access_token)).text()).rejects.toThrow()
  for (const wrong of [{ status: 500 }, { body: "" }, { pass: true }]) {
    const queue = [{ named: "gateway", ...wrong }]
    expect((await control("scenario", { answers: { chat: { queue } } })).status).toBe(400)
  }
  const unknown = await control("scenario", { answers: { chat: { standing: { named: "toString" } } } })
  expect(String(objectIn(unknown.body)["error"])).toContain(
    "answers.chat.standing.named must be one of: token-rejected",
  )
})

test("the README lists every name with its status, and every name is tested here", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8")
  const quota = Object.keys(QUOTA).flatMap((name) => [name, `${name}-native`])
  const statuses = [...ERRORS, ...quota.map((name) => [name, 429] as const)]
  expect(statuses.filter(([name, status]) => !readme.includes(`| \`${name}\` | ${status} |`))).toEqual([])
  expect([...ANSWER_NAMES].sort()).toEqual([...ERRORS.map(([name]) => name), ...quota].sort())
})
