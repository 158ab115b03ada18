import { describe, expect } from "vitest"
import { ANSWERED, askIn, askQuestion, FAILED, type QuestionResult } from "../harness/opencode/ask-question.ts"
import { configure } from "../harness/opencode/configuration.ts"
import { failedSignIn } from "../harness/opencode/failed-sign-in.ts"
import { opencodeMissing } from "../harness/opencode/opencode-binary.ts"
import { retryNotice } from "../harness/opencode/retry-notice.ts"
import type { RunningOpenCode } from "../harness/opencode/running-opencode.ts"
import { it, qwenAt, signedInToPlan, signedInWithKey } from "../harness/opencode/with-model-studio.ts"
import { moveExpiry, readTokenFile, signedIn, writePrivately } from "../harness/opencode/with-opencode.ts"
import { PLAN_IDS } from "../harness/shared/key-client.ts"
import { scriptedStream, streamChunk } from "../harness/shared/scripted-stream.ts"
import type { Simulator, SimulatorPlan } from "../harness/shared/simulator-process.ts"

const LOGIN = "opencode auth login"
const CONSOLE_COMMAND = `${LOGIN} -p alibaba -m "Model Studio account (browser)"`
const KEY_COMMAND = `${LOGIN} -p alibaba -m "Model Studio API key"`

const FIREWALL_PAGE =
  '<!doctypehtml><html lang="zh-cn"><head><meta charset="utf-8"><meta name="aliyun_waf_aa" content="a7c1f0d2">' +
  "<title>405</title></head><body>Sorry, your request has been blocked.</body></html>"

describe.skipIf(opencodeMissing)("a free tier that has ended, in the real OpenCode", () => {
  const expectExplained = (result: QuestionResult, requests: number) => {
    expect(result.screen).toContain("Alibaba ended the free Qwen OAuth tier on 2026-04-15")
    expect(result.screen).toContain(CONSOLE_COMMAND)
    expect(result.screen).toContain(KEY_COMMAND)
    // OpenCode waits before each retry, so few requests also mean a short time.
    expect(result).toMatchObject({ ...FAILED, requests })
  }

  it.for([
    // After a 401, the request is sent once more with a new token.
    ["ended-401", 2],
    ["ended-429", 1],
    ["ended-403", 1],
  ] as const)("is explained without a retry: %s", async ([freeTier, requests], { simulator, signedInOpenCode }) => {
    await simulator.control("scenario", { freeTier })
    expectExplained(await askIn(simulator, signedInOpenCode), requests)
  })

  it("is explained by `opencode run`, which ends", async ({ simulator, home }) => {
    await signedIn(qwen(simulator), home)
    await simulator.control("scenario", { freeTier: "ended-401" })
    expectExplained(await askQuestion(simulator, home), 2)
  })
})

describe.skipIf(opencodeMissing)("a permanent error with a Qwen account in the real OpenCode", () => {
  it.for<[name: string, answer: object, messages: readonly RegExp[]]>([
    [
      "a broken body rule",
      failed(400, "invalid_parameter_error", "bad request"),
      [/refused the request: HTTP 400, invalid_parameter_error\./, /With DEBUG_QWEN_PLUGIN=1 the log has/],
    ],
    [
      "a refusal with text that makes OpenCode retry",
      failed(400, "internal_server_error", "Internal server error: request timed out. Please try again later."),
      [/refused the request: HTTP 400, internal_s\u2060?erver_error\./],
    ],
    [
      "an unknown model",
      failed(404, "model_not_found", "The model `coder-model` does not exist or you do not have access to it."),
      [/model "coder-model" is not available/, /Sign in with Model Studio instead/, /opencode models alibaba/],
    ],
    [
      "the web firewall's page with 200",
      { body: FIREWALL_PAGE },
      [/Alibaba's web firewall answered/, /wait a few minutes; the sign-in is kept/],
    ],
    [
      "the web firewall's page with 405",
      { status: 405, body: FIREWALL_PAGE },
      [/Alibaba's web firewall answered/, /wait a few minutes; the sign-in is kept/],
    ],
  ])("is shown once: %s", async ([, answer, messages], { simulator, signedInOpenCode }) => {
    const before = await readTokenFile(signedInOpenCode.home)
    await simulator.control("scenario", { answers: { chat: { standing: answer } } })
    const result = await askIn(simulator, signedInOpenCode)

    for (const message of messages) expect(result.screen).toMatch(message)
    expect(result).toMatchObject({ ...FAILED, requests: 1 })
    expect(await readTokenFile(signedInOpenCode.home)).toEqual(before)
  })

  it("is shown once: a refresh token that was used elsewhere", async ({ simulator, opencode }) => {
    await signedIn(qwen(simulator), opencode.home)
    await moveExpiry(opencode.home, Date.now() - 1_000)
    const body = { error: "invalid_request", error_description: "Invalid refresh token or client_id" }
    await simulator.control("scenario", { answers: { refresh: { standing: { status: 400, body } } } })
    const result = await askIn(simulator, opencode)

    expect(result.screen).toContain("Token refresh failed")
    expect(result.screen).toContain("Invalid refresh token or client_id")
    expect(result.screen).toContain(`Please run: ${LOGIN}`)
    expect(result).toMatchObject({ ...FAILED, requests: 0 })
    expect(await simulator.refreshes()).toBe(1)
  })

  it("is shown at the sign-in: a wrong client id", async ({ simulator, home }) => {
    const body = { error: "invalid_client", error_description: "Invalid client credentials" }
    await simulator.control("scenario", { answers: { deviceCode: { standing: { status: 401, body } } } })
    const output = await failedSignIn(home)

    expect(output).toContain("invalid_client: Invalid client credentials")
    expect(output).toContain("Update this plugin")
    expect(await simulator.log()).toHaveLength(1)
  })
})

describe.skipIf(opencodeMissing)("a token that is sent to a host other than its own, in the real OpenCode", () => {
  it("is refreshed, and the new token is sent to its own host", async ({ simulator, opencode }) => {
    await signedInForOtherHost(simulator, opencode)
    const result = await askIn(simulator, opencode, { text: "What is 6 times 7?" })

    expect(result.screen).toMatch(/\b42\b/)
    expect(result).toMatchObject({ ...ANSWERED, requests: 2 })
    expect((await readTokenFile(opencode.home)).resource_url).toBe("portal.qwen.ai")
  })

  it("leads to a sign-in when the new token names no host", async ({ simulator, opencode }) => {
    await signedInForOtherHost(simulator, opencode)
    await simulator.control("scenario", { token: { resourceUrlOnRefresh: "omit" } })
    const result = await askIn(simulator, opencode)

    expect(result.screen).toContain("Qwen no longer accepts this sign-in")
    expect(result.screen).toContain(`Please run: ${LOGIN}`)
    expect(result.screen).not.toContain("free Qwen OAuth tier")
    expect(result).toMatchObject({ ...FAILED, requests: 2 })
    expect(await simulator.refreshes()).toBe(1)
  })
})

describe.skipIf(opencodeMissing)("a temporary error in the real OpenCode", () => {
  it.for([
    ["a gateway's 504 page", { status: 504, body: "<html><body>504 Gateway Time-out</body></html>" }],
    ["a rate limit with Retry-After", rateLimited("1")],
  ] as const)("is retried until there is an answer: %s", async ([, answer], { simulator, signedInOpenCode }) => {
    await simulator.control("scenario", { answers: { chat: { queue: [answer] } } })
    const result = await askIn(simulator, signedInOpenCode, { text: "What is 6 times 7?" })

    expect(result.screen).toMatch(/\b42\b/)
    expect(result).toMatchObject({ ...ANSWERED, requests: 2 })
  })

  it("of an hour is shown with its real duration and retried earlier", async ({ simulator, signedInOpenCode }) => {
    await simulator.control("scenario", { answers: { chat: { standing: rateLimited("3600") } } })
    const { message, next, askedAt, seenAt } = await retryNotice(signedInOpenCode.server)

    expect(message).toMatch(/rate limit is reached .*Wait 60 minutes, then try again/)
    expect(next - askedAt).toBeGreaterThanOrEqual(60_000)
    expect(next - seenAt).toBeLessThanOrEqual(60_000)
  })

  it("is retried at the date that the service names", async ({ simulator, signedInOpenCode }) => {
    const date = new Date(Date.now() + 55_000).toUTCString()
    await simulator.control("scenario", { answers: { chat: { standing: rateLimited(date) } } })
    const { message, next, seenAt } = await retryNotice(signedInOpenCode.server)

    expect(message).toMatch(/rate limit is reached .*Wait \d\d seconds, then try again/)
    // It is not earlier. HTTP dates have whole seconds.
    expect(next).toBeGreaterThan(Date.parse(date) - 2_000)
    expect(next - seenAt).toBeLessThanOrEqual(55_000)
  })

  it("is a cut answer, which is passed on unchanged and which OpenCode continues", async ({ simulator, home }) => {
    await signedIn(qwen(simulator), home)
    const stream = scriptedStream(streamChunk({ role: "assistant", content: "The beginning of an ans" }))
    await simulator.control("scenario", { chat: { reply: "The end." }, answers: { chat: { queue: [stream] } } })
    const result = await askQuestion(simulator, home)

    expect(result.screen).toMatch(/^The beginning of an ans\nThe end\.$/m)
    expect(result).toMatchObject({ ...ANSWERED, requests: 2 })
  })
})

interface KeyRow {
  /** The plan and the region of the key. */
  readonly plan: SimulatorPlan
  readonly region?: string
  /** The plan at whose international endpoint the key is used. */
  readonly usedAs: SimulatorPlan
  readonly scenario?: object
  readonly messages: readonly RegExp[]
}

const OTHER_PLAN = [
  /does not accept this key for the (Coding|Token) Plan \(international\): it belongs to another plan, tier or region/,
  /Run: opencode auth login/,
]

const KEY_ROWS: readonly [name: string, row: KeyRow][] = [
  [
    "another region's key at the Coding Plan",
    {
      plan: "coding",
      region: "china",
      usedAs: "coding",
      messages: [/Coding Plan \(international\)/, ...OTHER_PLAN],
    },
  ],
  [
    "a Coding Plan key at the Token Plan",
    {
      plan: "coding",
      usedAs: "token",
      messages: [/Token Plan \(international\)/, ...OTHER_PLAN],
    },
  ],
  [
    "another region's key at pay as you go",
    {
      plan: "payg",
      region: "china",
      usedAs: "payg",
      messages: [/does not accept this key .*another region/, /Run: opencode auth login/],
    },
  ],
  [
    "a plan's key at pay as you go",
    {
      plan: "coding",
      usedAs: "payg",
      messages: [/a plan's key \(sk-sp-…\)/, /choose Coding Plan or Token Plan/, /Run: opencode auth login/],
    },
  ],
  [
    "a Coding Plan that does not know OpenCode",
    {
      plan: "coding",
      usedAs: "coding",
      scenario: { plans: { agents: ["SomeoneElse/"] } },
      messages: [/accepts only coding agents that it knows/, /Update this program.*or use a Token Plan key/],
    },
  ],
  [
    "a plan whose quota is used up",
    {
      plan: "coding",
      usedAs: "coding",
      scenario: {
        answers: {
          planChat: {
            standing: failed(429, "insufficient_quota", "You exceeded your current quota, please check your plan."),
          },
        },
      },
      messages: [/quota for .*Coding Plan \(international\) is used up/, /Wait until the plan's next period/],
    },
  ],
]

describe.skipIf(opencodeMissing)("a permanent error with an API key in the real OpenCode", () => {
  it.for(KEY_ROWS)("is shown once: %s", async ([, row], { simulator, opencode }) => {
    const { plan, region = "international", usedAs, scenario = {}, messages } = row
    const { key } = await simulator.apiKey(plan, { region })
    const { base_url: baseUrl } = await simulator.apiKey(usedAs)
    await signedInWithKey(opencode.home, key, { plan: PLAN_IDS[usedAs], region: "international", baseUrl })
    await simulator.control("scenario", scenario)
    const result = await askIn(simulator, opencode)

    for (const message of messages) expect(result.screen).toMatch(message)
    expect(result.screen).not.toContain("free Qwen OAuth tier")
    expect(result).toMatchObject({ ...FAILED, requests: 1 })
  })

  it("is shown once by `opencode run`: a model that the plan does not have", async ({ simulator, home }) => {
    await signedInToPlan(simulator, home, "coding")
    await configure(home, { provider: { alibaba: { models: { "qwen9-future": {} } } } })
    const result = await askQuestion(simulator, home, { model: "alibaba/qwen9-future" })

    expect(result.screen).toMatch(/model "qwen9-future" is not available .*Choose a model of the Coding Plan/)
    expect(result.screen).toContain("opencode models alibaba")
    expect(result).toMatchObject({ ...FAILED, requests: 1 })
  })
})

/** An error of the API. OpenCode searches all of it for numbers, also the request id. */
function failed(status: number, code: string, message: string) {
  const error = { code, message, param: null, type: "invalid_request_error" }
  return { status, body: { error, request_id: "500-429-503" } }
}

function rateLimited(retryAfter: string) {
  return { ...failed(429, "rate_limit", "Requests rate limit exceeded"), headers: { "retry-after": retryAfter } }
}

/** The simulator for sign-ins under the real host names. */
function qwen(simulator: Simulator): Simulator {
  return { ...simulator, origin: qwenAt(simulator.origin) }
}

/** Stores a sign-in whose record names another of Qwen's hosts than the token's own. */
async function signedInForOtherHost(simulator: Simulator, { home }: RunningOpenCode): Promise<void> {
  await signedIn(qwen(simulator), home)
  const file = await readTokenFile(home)
  await writePrivately(home.tokenFile, { ...file, resource_url: "chat.qwen.ai" })
  await moveExpiry(home, file.expiry_date)
}
