import { CODING_PLAN, PAY_AS_YOU_GO, PLANS, TOKEN_PLAN } from "qwen-auth-core/internal"
import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf, endpointReplies } from "qwen-auth-testing/key-endpoints"
import { rejected } from "qwen-auth-testing/refusals"
import { json, networkError, silence } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import type { RegionSetting } from "../settings.ts"
import { type TestAlmaOptions, testAlma } from "../testing/test-alma.ts"
import { USER_AGENT } from "../user-agent.ts"
import { signInWithKey } from "./api-key.ts"

const KEY = "sk-sp-key-of-the-test"
const PAYING_KEY = "sk-key-of-the-test"
const WORKSPACE = "ws-1.ap-southeast-1.maas.aliyuncs.com"
const DETECT = "Detect automatically"
const OWN_HOST = "The API address that the console shows"

function setUp(options: TestAlmaOptions & FakePlatformOptions & { region?: RegionSetting } = {}) {
  const alma = testAlma(options)
  const platform = fakePlatform(options)
  const outer = new AbortController()
  const begin = () => signInWithKey({ platform, ui: alma.ui }, options.region ?? "international", outer.signal)
  const quiet = () => [platform.beating(), platform.openWaits(), alma.leaks()]
  return { alma, platform, outer, begin, quiet }
}

describe("the sign-in with an API key", () => {
  it("asks for the key in a password box", async () => {
    const { begin, alma } = setUp({ inputs: [undefined] })
    await begin()
    expect(alma.inputs()).toMatchObject([{ password: true, prompt: "Qwen Cloud (Model Studio) API key" }])
  })

  it.each([KEY, ` ${KEY}\n`, `"${KEY}"`, `DASHSCOPE_API_KEY=${KEY}`, PAYING_KEY, "sk-ws-key-of-the-test"])(
    "accepts what users paste: %j",
    async (text) => {
      const { begin, alma } = setUp({ inputs: [text], picks: [undefined] })
      await begin()
      expect([alma.inputs().length, alma.picks().length]).toEqual([1, 1])
    },
  )

  it.each(["sk-", "sk-sp-short", "key-of-the-test", `${KEY} with-more`, `${KEY}ü`, "AKIA-very-secret"])(
    "asks again for %j and explains the format of a key, without repeating the key",
    async (text) => {
      const { begin, alma } = setUp({ inputs: [text, KEY], picks: [undefined] })
      await begin()
      expect(alma.picks()).toHaveLength(1)
      const problem = alma.inputs()[1]?.prompt
      expect(problem).toMatch(/^This is not a valid Model Studio API key\. A key begins with sk-sp-/)
      expect(problem).not.toMatch(/key-of-the-test|very-secret|short/)
    },
  )

  it.each([
    ["international", ["Coding Plan (international)", "Token Plan (international)", "Pay as you go (international)"]],
    ["china", ["Coding Plan (China)", "Token Plan (China)", "Pay as you go (China)"]],
  ] as const)("lists every endpoint once, those of the region %s first", async (region, first) => {
    const { begin, alma } = setUp({ region, inputs: [KEY], picks: [undefined] })
    expect(await begin()).toBeUndefined()
    const labels = alma.picks()[0]?.items.map(({ label }) => label) ?? []
    expect(labels.slice(0, 4)).toEqual([DETECT, ...first])
    expect(labels.at(-1)).toBe(OWN_HOST)
    expect(new Set(labels).size).toBe(PLANS.flatMap(({ endpoints }) => endpoints).length + 2)
    expect(labels).toHaveLength(new Set(labels).size)
  })

  it("detects the key's endpoint", async () => {
    const endpoint = endpointOf(TOKEN_PLAN, 1)
    const rest = endpointReplies([endpoint, accepting("qwen3.7-plus")])
    const { begin, alma, platform, quiet } = setUp({ inputs: [` ${KEY} `], picks: [DETECT], rest })
    expect(await begin()).toEqual({
      credential: { type: "api_key", apiKey: KEY, ...endpoint },
      models: ["qwen3.7-plus"],
      checked: true,
    })
    expect(alma.progress()).toMatchObject([
      { title: "Checking the key with Qwen Cloud (Model Studio)", cancellable: true },
    ])
    expect(platform.requests.map(({ headers }) => headers.get("authorization"))).toEqual(Array(2).fill(`Bearer ${KEY}`))
    expect(quiet()).toEqual([0, 0, []])
  })

  it("sends the key only to the chosen endpoint", async () => {
    const endpoint = endpointOf(CODING_PLAN, 1)
    const { begin, platform } = setUp({ inputs: [KEY], picks: ["Coding Plan (China)"], rest: accepting() })
    expect(await begin()).toMatchObject({ credential: endpoint, checked: true })
    const { baseUrl } = endpoint
    expect(platform.requests.map(({ url }) => url)).toEqual([`${baseUrl}/chat/completions`, `${baseUrl}/models`])
    expect(platform.requests[0]?.headers.get("user-agent")).toBe(USER_AGENT)
  })

  it("asks for the plan when the Coding Plan does not recognise Alma, and says why", async () => {
    const callerUnknown = json({ error: "Coding Plan is currently only available for Coding Agents" }, 405)
    const rest = endpointReplies([endpointOf(CODING_PLAN), callerUnknown], [endpointOf(CODING_PLAN, 1), callerUnknown])
    const { begin, alma } = setUp({ inputs: [KEY], picks: [DETECT, "Coding Plan (China)"], rest })
    expect(await begin()).toMatchObject({ credential: endpointOf(CODING_PLAN, 1), checked: false })
    expect(alma.picks()[1]?.title).toMatch(/^The plan and region of this API key cannot be detected: /)
    const closed = setUp({ inputs: [KEY], picks: [DETECT, undefined], rest })
    expect(await closed.begin()).toBeUndefined()
  })

  it("sends the key only to the entered workspace host", async () => {
    const { begin, platform, alma } = setUp({ inputs: [PAYING_KEY, WORKSPACE], picks: [OWN_HOST], rest: accepting() })
    expect(await begin()).toMatchObject({
      credential: { plan: "pay-as-you-go", region: "international", apiKey: PAYING_KEY },
    })
    expect(platform.requests.map(({ url }) => url)).toEqual([`https://${WORKSPACE}/compatible-mode/v1/models`])
    expect(alma.inputs()[1]?.password).toBe(false)
  })

  it.each([
    "evil.example",
    "bucket.oss.aliyuncs.com",
    `http://${WORKSPACE}`,
    `${WORKSPACE}.evil.test`,
    "sk-very-secret",
  ])(
    "asks again for the host %j, which is not one of Model Studio's, and does not send the key there",
    async (host) => {
      const { begin, alma, platform } = setUp({ inputs: [PAYING_KEY, host, undefined], picks: [OWN_HOST] })
      expect(await begin()).toBeUndefined()
      const prompt = alma.inputs()[2]?.prompt
      expect(prompt).toMatch(/is not a Model Studio API address\. Copy the API host/)
      expect(prompt).not.toContain("very-secret")
      expect(platform.requests).toEqual([])
    },
  )

  it.each([WORKSPACE, `https://${WORKSPACE}/compatible-mode/v1`])("accepts the workspace host %s", async (host) => {
    const { begin } = setUp({ inputs: [PAYING_KEY, host], picks: [OWN_HOST], rest: accepting() })
    expect((await begin())?.credential.baseUrl).toBe(`https://${WORKSPACE}/compatible-mode/v1`)
  })

  it("counts an empty answer as closed", async () => {
    for (const text of ["", " "]) expect(await setUp({ inputs: [text] }).begin()).toBeUndefined()
  })

  it("passes no function to Alma", async () => {
    const { begin } = setUp({
      inputs: ["no key", PAYING_KEY, "no host", WORKSPACE],
      picks: [OWN_HOST],
      rest: accepting(),
      behaviour: { functions: "refused" },
    })
    expect(await begin()).toMatchObject({ checked: true })
  })

  it.each([
    ["the key", [undefined], []],
    ["the endpoint", [KEY], [undefined]],
    ["the host", [PAYING_KEY, undefined], [OWN_HOST]],
  ])("ends when the dialog for %s is closed", async (_, inputs, picks) => {
    const { begin, platform, alma } = setUp({ inputs, picks })
    expect(await begin()).toBeUndefined()
    expect([platform.requests, alma.progress(), alma.notices(), alma.errors()]).toEqual([[], [], [], []])
  })

  it("ends when the user cancels the check", async () => {
    const { begin, alma, platform, quiet } = setUp({
      inputs: [KEY],
      picks: [DETECT],
      autoAdvance: false,
      rest: silence,
    })
    const failure = failureOf(begin())
    await settle()
    alma.cancel()
    await platform.beat()
    expect((await failure).code).toBe("aborted")
    expect(quiet()).toEqual([0, 0, []])
  })

  it("opens no further dialog when it is aborted while one is open", async () => {
    const { begin, alma, outer } = setUp({ inputs: [KEY], picks: [undefined] })
    outer.abort()
    expect(await begin().catch(() => undefined)).toBeUndefined()
    expect(alma.picks()).toEqual([])
  })

  it.each([
    ["no endpoint accepts the key", rejected, DETECT, "api_key_rejected"],
    [
      "another endpoint accepts it",
      endpointReplies([endpointOf(TOKEN_PLAN), accepting()]),
      "Coding Plan (international)",
      "api_key_wrong_plan",
    ],
    ["no endpoint can be reached", networkError(), DETECT, "service_unreachable"],
    ["the plan has another kind of key", rejected, "Pay as you go (US)", "api_key_wrong_plan"],
  ])("fails when %s", async (_, rest, pick, code) => {
    const { begin, quiet } = setUp({ inputs: [KEY], picks: [pick], rest })
    const failure = await failureOf(begin())
    expect(failure.code).toBe(code)
    expect(failure.sentence).not.toContain("key-of-the-test")
    expect(quiet()).toEqual([0, 0, []])
  })

  it("accepts the key unchecked when the chosen endpoint is unavailable", async () => {
    const { begin } = setUp({ inputs: [PAYING_KEY], picks: ["Pay as you go (US)"], rest: json({}, 503) })
    expect(await begin()).toMatchObject({ credential: endpointOf(PAY_AS_YOU_GO, 2), checked: false })
  })
})
