import { readFile, writeFile } from "node:fs/promises"
import * as v from "valibot"
import { describe, expect } from "vitest"
import { type AskedQuestion, askIn, askQuestion } from "../harness/opencode/asked-question.ts"
import { runOpenCode, SIGN_IN } from "../harness/opencode/opencode.ts"
import { retryNotice } from "../harness/opencode/retry-notice.ts"
import type { RunningOpenCode } from "../harness/opencode/running-opencode.ts"
import type { ThrowawayHome } from "../harness/opencode/throwaway-home.ts"
import { it, type KeyEndpoint, qwenAt, signedInWithKey } from "../harness/opencode/with-model-studio.ts"
import {
  moveExpiry,
  opencodeBinary,
  opencodeMissing,
  readTokenFile,
  signedIn,
  writePrivately,
} from "../harness/opencode/with-opencode.ts"
import type { Simulator } from "../harness/shared/simulator-process.ts"

const LOGIN = "opencode auth login"
const CONSOLE_COMMAND = `${LOGIN} -p alibaba -m "Model Studio account (browser)"`
const KEY_COMMAND = `${LOGIN} -p alibaba -m "Model Studio API key"`

/** Ended by itself, with words alone. */
const HOPELESS = { outcome: "failed", stackTrace: false, secretsShown: [] }
const ANSWERED = { outcome: "answered", stackTrace: false, secretsShown: [] }

const FIREWALL_PAGE =
  '<!doctypehtml><html lang="zh-cn"><head><meta charset="utf-8"><meta name="aliyun_waf_aa" content="a7c1f0d2">' +
  "<title>405</title></head><body>Sorry, your request has been blocked.</body></html>"

describe.skipIf(opencodeMissing)("a free tier that has ended, in the real OpenCode", () => {
  const expectExplained = (asked: AskedQuestion, requests: number) => {
    expect(asked.screen).toContain("Alibaba ended the free Qwen OAuth tier on 2026-04-15")
    expect(asked.screen).toContain(CONSOLE_COMMAND)
    expect(asked.screen).toContain(KEY_COMMAND)
    // OpenCode waits before it asks again, so that few requests also mean soon.
    expect(asked).toMatchObject({ ...HOPELESS, requests })
  }

  it.for([
    // The 401 is sent once more with a fresh token before it is believed.
    ["ended-401", 2],
    ["ended-429", 1],
    ["ended-403", 1],
  ] as const)("is explained without another try: %s", async ([freeTier, requests], { simulator, signedInOpenCode }) => {
    await simulator.control("scenario", { freeTier })
    expectExplained(await askIn(simulator, signedInOpenCode), requests)
  })

  it("is explained on the screen of `opencode run`, which ends", async ({ simulator, home }) => {
    await signedIn(qwen(simulator), home)
    await simulator.control("scenario", { freeTier: "ended-401" })
    expectExplained(await askQuestion(simulator, home), 2)
  })
})

describe.skipIf(opencodeMissing)("what trying again cannot help, with a Qwen account in the real OpenCode", () => {
  it.for<[name: string, answer: object, words: readonly RegExp[]]>([
    [
      "a body rule broken",
      failed(400, "invalid_parameter_error", "bad request"),
      [/refused the request: HTTP 400, invalid_parameter_error\./, /With DEBUG_QWEN_PLUGIN=1 the log has/],
    ],
    [
      "a refusal in words that OpenCode tries again for",
      failed(400, "internal_server_error", "Internal server error: request timed out. Please try again later."),
      [/refused the request: HTTP 400, internal_s\u2060?erver_error\./],
    ],
    [
      "a model that is not there",
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
  ])("is said once: %s", async ([, answer, words], { simulator, signedInOpenCode }) => {
    const before = await readTokenFile(signedInOpenCode.home)
    await simulator.control("scenario", { answers: { chat: { standing: answer } } })
    const asked = await askIn(simulator, signedInOpenCode)

    for (const word of words) expect(asked.screen).toMatch(word)
    expect(asked).toMatchObject({ ...HOPELESS, requests: 1 })
    expect(await readTokenFile(signedInOpenCode.home)).toEqual(before)
  })

  it("is said once: a refresh token that was used elsewhere", async ({ simulator, opencode }) => {
    await signedIn(qwen(simulator), opencode.home)
    await moveExpiry(opencode.home, Date.now() - 1_000)
    const body = { error: "invalid_request", error_description: "Invalid refresh token or client_id" }
    await simulator.control("scenario", { answers: { refresh: { standing: { status: 400, body } } } })
    const asked = await askIn(simulator, opencode)

    expect(asked.screen).toContain("Token refresh failed")
    expect(asked.screen).toContain("Invalid refresh token or client_id")
    expect(asked.screen).toContain(`Please run: ${LOGIN}`)
    expect(asked).toMatchObject({ ...HOPELESS, requests: 0 })
    expect(await simulator.refreshes()).toBe(1)
  })

  it("is said at the sign-in: a wrong client id", async ({ simulator, home }) => {
    const body = { error: "invalid_client", error_description: "Invalid client credentials" }
    await simulator.control("scenario", { answers: { deviceCode: { standing: { status: 401, body } } } })
    const result = await runOpenCode(opencodeBinary, home, SIGN_IN)

    expect(result.output).toContain("invalid_client: Invalid client credentials")
    expect(result.output).toContain("Update this plugin")
    expect(result.output).not.toMatch(/^\s+at /m)
    expect(result.code).toBe(1)
    expect(await simulator.log()).toHaveLength(1)
  })
})

describe.skipIf(opencodeMissing)("a token at another host than its own, in the real OpenCode", () => {
  it("is renewed, and goes where the new one belongs", async ({ simulator, opencode }) => {
    await signedInForOtherHost(simulator, opencode)
    const asked = await askIn(simulator, opencode, { text: "What is 6 times 7?" })

    expect(asked.screen).toMatch(/\b42\b/)
    expect(asked).toMatchObject({ ...ANSWERED, requests: 2 })
    expect((await readTokenFile(opencode.home)).resource_url).toBe("portal.qwen.ai")
  })

  it("asks for a sign-in when the new one does not say where it belongs", async ({ simulator, opencode }) => {
    await signedInForOtherHost(simulator, opencode)
    await simulator.control("scenario", { token: { resourceUrlOnRefresh: "omit" } })
    const asked = await askIn(simulator, opencode)

    expect(asked.screen).toContain("Qwen no longer accepts this sign-in")
    expect(asked.screen).toContain(`Please run: ${LOGIN}`)
    expect(asked.screen).not.toContain("free Qwen OAuth tier")
    expect(asked).toMatchObject({ ...HOPELESS, requests: 2 })
    expect(await simulator.refreshes()).toBe(1)
  })
})

describe.skipIf(opencodeMissing)("what passes, in the real OpenCode", () => {
  it.for([
    ["a gateway's 504 page", { status: 504, body: "<html><body>504 Gateway Time-out</body></html>" }],
    ["a rate limit with Retry-After", rateLimited("1")],
  ] as const)("is asked again until it answers: %s", async ([, answer], { simulator, signedInOpenCode }) => {
    await simulator.control("scenario", { answers: { chat: { queue: [answer] } } })
    const asked = await askIn(simulator, signedInOpenCode, { text: "What is 6 times 7?" })

    expect(asked.screen).toMatch(/\b42\b/)
    expect(asked).toMatchObject({ ...ANSWERED, requests: 2 })
  })

  it("is not waited for an hour, and the person reads the real wait", async ({ simulator, signedInOpenCode }) => {
    await simulator.control("scenario", { answers: { chat: { standing: rateLimited("3600") } } })
    const { message, next, askedAt, seenAt } = await retryNotice(signedInOpenCode.server)

    expect(message).toMatch(/rate limit is reached .*Wait 60 minutes, then try again/)
    expect(next - askedAt).toBeGreaterThanOrEqual(60_000)
    expect(next - seenAt).toBeLessThanOrEqual(60_000)
  })

  it("is waited for until the date that the service names", async ({ simulator, signedInOpenCode }) => {
    const date = new Date(Date.now() + 55_000).toUTCString()
    await simulator.control("scenario", { answers: { chat: { standing: rateLimited(date) } } })
    const { message, next, seenAt } = await retryNotice(signedInOpenCode.server)

    expect(message).toMatch(/rate limit is reached .*Wait \d\d seconds, then try again/)
    // Not before it, by clocks that tell the time to the second.
    expect(next).toBeGreaterThan(Date.parse(date) - 2_000)
    expect(next - seenAt).toBeLessThanOrEqual(55_000)
  })

  it("leaves a cut answer as it came: OpenCode sees no end and goes on from there", async ({ simulator, home }) => {
    await signedIn(qwen(simulator), home)
    const delta = { role: "assistant", content: "The beginning of an ans" }
    const choices = [{ index: 0, delta, finish_reason: null }]
    const chunk = { id: "cut", object: "chat.completion.chunk", created: 1, model: "coder-model", choices }
    const stream = { headers: { "content-type": "text/event-stream" }, body: `data: ${JSON.stringify(chunk)}\n\n` }
    await simulator.control("scenario", { chat: { reply: "The end." }, answers: { chat: { queue: [stream] } } })
    const asked = await askQuestion(simulator, home)

    expect(asked.screen).toMatch(/^The beginning of an ans\nThe end\.$/m)
    expect(asked).toMatchObject({ ...ANSWERED, requests: 2 })
  })
})

const CODING_PLAN: KeyEndpoint = {
  plan: "coding-plan",
  region: "international",
  baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
}
const TOKEN_PLAN: KeyEndpoint = {
  plan: "token-plan",
  region: "international",
  baseUrl: "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
}
const PAY_AS_YOU_GO: KeyEndpoint = {
  plan: "pay-as-you-go",
  region: "international",
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
}

interface KeyRow {
  readonly plan: "coding" | "token" | "payg"
  readonly region?: string
  readonly place: KeyEndpoint
  readonly scenario?: object
  readonly words: readonly RegExp[]
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
      place: CODING_PLAN,
      words: [/Coding Plan \(international\)/, ...OTHER_PLAN],
    },
  ],
  [
    "a Coding Plan key at the Token Plan",
    {
      plan: "coding",
      place: TOKEN_PLAN,
      words: [/Token Plan \(international\)/, ...OTHER_PLAN],
    },
  ],
  [
    "another region's key, pay as you go",
    {
      plan: "payg",
      region: "china",
      place: PAY_AS_YOU_GO,
      words: [/does not accept this key .*another region/, /Run: opencode auth login/],
    },
  ],
  [
    "a plan's key, pay as you go",
    {
      plan: "coding",
      place: PAY_AS_YOU_GO,
      words: [/a plan's key \(sk-sp-…\)/, /choose Coding Plan or Token Plan/, /Run: opencode auth login/],
    },
  ],
  [
    "a Coding Plan that does not know OpenCode",
    {
      plan: "coding",
      place: CODING_PLAN,
      scenario: { plans: { agents: ["SomeoneElse/"] } },
      words: [/accepts only coding agents that it knows/, /Update this program.*or use a Token Plan key/],
    },
  ],
  [
    "a plan's quota used up",
    {
      plan: "coding",
      place: CODING_PLAN,
      scenario: {
        answers: {
          planChat: {
            standing: failed(429, "insufficient_quota", "You exceeded your current quota, please check your plan."),
          },
        },
      },
      words: [/quota for .*Coding Plan \(international\) is used up/, /Wait until the plan's next period/],
    },
  ],
]

describe.skipIf(opencodeMissing)("what trying again cannot help, with an API key in the real OpenCode", () => {
  it.for(KEY_ROWS)("is said once: %s", async ([, row], { simulator, opencode }) => {
    const { plan, region, place, scenario = {}, words } = row
    const { key } = await simulator.apiKey(plan, region === undefined ? {} : { region })
    await signedInWithKey(opencode.home, key, place)
    await simulator.control("scenario", scenario)
    const asked = await askIn(simulator, opencode)

    for (const word of words) expect(asked.screen).toMatch(word)
    expect(asked.screen).not.toContain("free Qwen OAuth tier")
    expect(asked).toMatchObject({ ...HOPELESS, requests: 1 })
  })

  it("is said once on the screen of `opencode run`: a model that the plan has not, by its name", async ({
    simulator,
    home,
  }) => {
    const { key } = await simulator.apiKey("coding")
    await signedInWithKey(home, key, CODING_PLAN)
    await configureModel(home, "qwen9-future")
    const asked = await askQuestion(simulator, home, { model: "alibaba/qwen9-future" })

    expect(asked.screen).toMatch(/model "qwen9-future" is not available .*Choose a model of the Coding Plan/)
    expect(asked.screen).toContain("opencode models alibaba")
    expect(asked).toMatchObject({ ...HOPELESS, requests: 1 })
  })
})

/** An error in the API's form. OpenCode searches it all for numbers, the request id too. */
function failed(status: number, code: string, message: string) {
  const error = { code, message, param: null, type: "invalid_request_error" }
  return { status, body: { error, request_id: "500-429-503" } }
}

function rateLimited(retryAfter: string) {
  return { ...failed(429, "rate_limit", "Requests rate limit exceeded"), headers: { "retry-after": retryAfter } }
}

/** Sign-ins under the real names. */
function qwen(simulator: Simulator): Simulator {
  return { ...simulator, origin: qwenAt(simulator.origin) }
}

/** A sign-in whose record leads its token to another of Qwen's hosts than the one it is for. */
async function signedInForOtherHost(simulator: Simulator, { home }: RunningOpenCode): Promise<void> {
  await signedIn(qwen(simulator), home)
  const file = await readTokenFile(home)
  await writePrivately(home.tokenFile, { ...file, resource_url: "chat.qwen.ai" })
  await moveExpiry(home, file.expiry_date)
}

/** Adds a model to the provider in OpenCode's configuration, as a user does for one that is newer than the plugin. */
async function configureModel(home: ThrowawayHome, model: string): Promise<void> {
  const config = v.parse(v.pipe(v.string(), v.parseJson(), v.looseObject({})), await readFile(home.configFile, "utf8"))
  const provider = { alibaba: { models: { [model]: {} } } }
  await writeFile(home.configFile, JSON.stringify({ ...config, provider }))
}
