import { CODING_PLAN, PAY_AS_YOU_GO, PLANS, TOKEN_PLAN } from "qwen-auth-core/internal"
import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf, endpointReplies } from "qwen-auth-testing/key-endpoints"
import { rejected } from "qwen-auth-testing/refusals"
import { json, networkError, silence } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import type { RegionSetting } from "../settings.ts"
import { type FakeAlmaOptions, fakeAlma } from "../testing/fake-alma.ts"
import { USER_AGENT } from "../user-agent.ts"
import { signInWithKey } from "./api-key.ts"

const KEY = "sk-sp-key-of-the-test"
const PAYING_KEY = "sk-key-of-the-test"
const WORKSPACE = "ws-1.ap-southeast-1.maas.aliyuncs.com"
const DETECT = "Detect automatically"
const OWN_HOST = "The API address that the console shows"

function setUp(options: FakeAlmaOptions & FakePlatformOptions & { region?: RegionSetting } = {}) {
  const alma = fakeAlma(options)
  const platform = fakePlatform(options)
  const outer = new AbortController()
  const begin = () => signInWithKey(platform, alma.ui, options.region ?? "international", outer.signal)
  const quiet = () => [platform.beating(), platform.openWaits(), alma.progress.filter(({ open }) => open).length]
  return { alma, platform, outer, begin, quiet }
}

describe("the sign-in with an API key", () => {
  it("asks for the key in a password box", async () => {
    const { begin, alma } = setUp({ inputs: [undefined] })
    await begin()
    expect(alma.boxes).toMatchObject([{ password: true, prompt: "Qwen Cloud (Model Studio) API key" }])
  })

  it.each([KEY, ` ${KEY}\n`, `"${KEY}"`, `DASHSCOPE_API_KEY=${KEY}`, PAYING_KEY, "sk-ws-key-of-the-test"])(
    "accepts what users paste: %j",
    async (text) => {
      const { begin, alma } = setUp({ inputs: [undefined] })
      await begin()
      expect(alma.boxes[0]?.validateInput?.(text)).toBeUndefined()
    },
  )

  it.each(["", " ", "sk-", "sk-sp-short", "key-of-the-test", `${KEY} with-more`, `${KEY}ü`, "AKIA-very-secret"])(
    "explains the format of a key for %j, without repeating the key",
    async (text) => {
      const { begin, alma } = setUp({ inputs: [undefined] })
      await begin()
      const problem = alma.boxes[0]?.validateInput?.(text)
      expect(problem).toMatch(
        /^(There is no API key|This is not a valid Model Studio API key)\. A key begins with sk-sp-/,
      )
      expect(problem).not.toMatch(/key-of-the-test|very-secret|short/)
    },
  )

  it.each([
    ["international", ["Coding Plan (international)", "Token Plan (international)", "Pay as you go (international)"]],
    ["china", ["Coding Plan (China)", "Token Plan (China)", "Pay as you go (China)"]],
  ] as const)("lists every endpoint once, those of the region %s first", async (region, first) => {
    const { begin, alma } = setUp({ region, inputs: [KEY], picks: [undefined] })
    expect(await begin()).toBeUndefined()
    const labels = alma.asked[0]?.choices.map(({ label }) => label) ?? []
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
    expect(alma.progress).toMatchObject([
      { title: "Checking the key with Qwen Cloud (Model Studio)", cancellable: true },
    ])
    expect(platform.requests.map(({ headers }) => headers.get("authorization"))).toEqual(Array(2).fill(`Bearer ${KEY}`))
    expect(quiet()).toEqual([0, 0, 0])
  })

  it("sends the key only to the chosen endpoint", async () => {
    const endpoint = endpointOf(CODING_PLAN, 1)
    const { begin, platform } = setUp({ inputs: [KEY], picks: ["Coding Plan (China)"], rest: accepting() })
    expect(await begin()).toMatchObject({ credential: endpoint, checked: true })
    const { baseUrl } = endpoint
    expect(platform.requests.map(({ url }) => url)).toEqual([`${baseUrl}/chat/completions`, `${baseUrl}/models`])
    expect(platform.requests[0]?.headers.get("user-agent")).toBe(USER_AGENT)
  })

  it("asks the user when the Coding Plan does not recognise Alma", async () => {
    const callerUnknown = json({ error: "Coding Plan is currently only available for Coding Agents" }, 405)
    const rest = endpointReplies([endpointOf(CODING_PLAN), callerUnknown], [endpointOf(CODING_PLAN, 1), callerUnknown])
    expect((await failureOf(setUp({ inputs: [KEY], picks: [DETECT], rest }).begin())).code).toBe("api_key_undetermined")
    const chosen = setUp({ inputs: [KEY], picks: ["Coding Plan (China)"], rest })
    expect(await chosen.begin()).toMatchObject({ credential: endpointOf(CODING_PLAN, 1), checked: false })
  })

  it("sends the key only to the entered workspace host", async () => {
    const { begin, platform, alma } = setUp({ inputs: [PAYING_KEY, WORKSPACE], picks: [OWN_HOST], rest: accepting() })
    expect(await begin()).toMatchObject({
      credential: { plan: "pay-as-you-go", region: "international", apiKey: PAYING_KEY },
    })
    expect(platform.requests.map(({ url }) => url)).toEqual([`https://${WORKSPACE}/compatible-mode/v1/models`])
    expect(alma.boxes[1]?.password).not.toBe(true)
  })

  it("explains what to enter for a host that is not one of Model Studio's", async () => {
    const { begin, alma } = setUp({ inputs: [PAYING_KEY, undefined], picks: [OWN_HOST] })
    expect(await begin()).toBeUndefined()
    const validate = alma.boxes[1]?.validateInput
    expect(validate?.(WORKSPACE)).toBeUndefined()
    expect(validate?.(`https://${WORKSPACE}/compatible-mode/v1`)).toBeUndefined()
    expect(validate?.("https://maas.qwencloudapi.com/apps/anthropic")).toBeUndefined()
    for (const text of ["", "evil.example", "bucket.oss.aliyuncs.com", `http://${WORKSPACE}`, `${WORKSPACE}.evil.test`])
      expect(validate?.(text)).toMatch(/is not a Model Studio API address\. Copy the API host/)
    expect(validate?.("sk-very-secret")).not.toContain("very-secret")
  })

  it("does not send the key when Alma accepts such a host", async () => {
    const { begin, platform } = setUp({ inputs: [PAYING_KEY, "evil.example"], picks: [OWN_HOST] })
    expect((await failureOf(begin())).code).toBe("invalid_endpoint")
    expect(platform.requests).toEqual([])
  })

  it("sends nothing when Alma accepts a text that is not a key", async () => {
    const { begin, platform, quiet } = setUp({ inputs: ["no key"], picks: [DETECT] })
    expect((await failureOf(begin())).code).toBe("api_key_malformed")
    expect([platform.requests, quiet()]).toEqual([[], [0, 0, 0]])
  })

  it.each([
    ["the key", [undefined], []],
    ["the endpoint", [KEY], [undefined]],
    ["the host", [PAYING_KEY, undefined], [OWN_HOST]],
  ])("ends when the dialog for %s is closed", async (_, inputs, picks) => {
    const { begin, platform, alma } = setUp({ inputs, picks })
    expect(await begin()).toBeUndefined()
    expect([platform.requests, alma.progress, alma.shown()]).toEqual([[], [], []])
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
    expect(quiet()).toEqual([0, 0, 0])
  })

  it("opens no further dialog when it is aborted while one is open", async () => {
    const { begin, alma, outer } = setUp({ inputs: [KEY], picks: [undefined] })
    outer.abort()
    expect(await begin().catch(() => undefined)).toBeUndefined()
    expect(alma.asked).toEqual([])
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
    expect(quiet()).toEqual([0, 0, 0])
  })

  it("accepts the key unchecked when the chosen endpoint is unavailable", async () => {
    const { begin } = setUp({ inputs: [PAYING_KEY], picks: ["Pay as you go (US)"], rest: json({}, 503) })
    expect(await begin()).toMatchObject({ credential: endpointOf(PAY_AS_YOU_GO, 2), checked: false })
  })
})
