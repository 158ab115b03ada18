import { CODING_PLAN, PAY_AS_YOU_GO, PLANS, TOKEN_PLAN } from "qwen-auth-core/internal"
import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakeWorldOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { accepting, places, siteOf } from "qwen-auth-testing/key-places"
import { rejected } from "qwen-auth-testing/refusals"
import { json, networkError, silence } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import type { RegionSetting } from "../settings.ts"
import { type FakeAlmaOptions, fakeAlma } from "../testing/fake-alma.ts"
import { signInWithKey } from "./api-key.ts"

const KEY = "sk-sp-key-of-the-test"
const PAYING_KEY = "sk-key-of-the-test"
const WORKSPACE = "ws-1.ap-southeast-1.maas.aliyuncs.com"
const FIND_OUT = "Find out"
const OWN_HOST = "Pay as you go, a workspace's own host"

function setUp(options: FakeAlmaOptions & FakeWorldOptions & { region?: RegionSetting } = {}) {
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
    expect(alma.boxes).toMatchObject([{ password: true, prompt: "Model Studio API key" }])
  })

  it.each([KEY, ` ${KEY}\n`, `"${KEY}"`, `DASHSCOPE_API_KEY=${KEY}`, PAYING_KEY, "sk-ws-key-of-the-test"])(
    "takes what people paste: %j",
    async (text) => {
      const { begin, alma } = setUp({ inputs: [undefined] })
      await begin()
      expect(alma.boxes[0]?.validateInput?.(text)).toBeUndefined()
    },
  )

  it.each(["", " ", "sk-", "sk-sp-short", "key-of-the-test", `${KEY} with-more`, `${KEY}ü`, "AKIA-very-secret"])(
    "says of %j what form a key has, without the key",
    async (text) => {
      const { begin, alma } = setUp({ inputs: [undefined] })
      await begin()
      const told = alma.boxes[0]?.validateInput?.(text)
      expect(told).toMatch(
        /^(There is no API key|This has not the form of a Model Studio API key)\. A key begins with sk-sp-/,
      )
      expect(told).not.toMatch(/key-of-the-test|very-secret|short/)
    },
  )

  it.each([
    ["international", ["Coding Plan (international)", "Token Plan (international)", "Pay as you go (international)"]],
    ["china", ["Coding Plan (China)", "Token Plan (China)", "Pay as you go (China)"]],
  ] as const)("offers every place once, those of the region %s first", async (region, first) => {
    const { begin, alma } = setUp({ region, inputs: [KEY], picks: [undefined] })
    expect(await begin()).toBeUndefined()
    const labels = alma.asked[0]?.choices.map(({ label }) => label) ?? []
    expect(labels.slice(0, 4)).toEqual([FIND_OUT, ...first])
    expect(labels.at(-1)).toBe(OWN_HOST)
    expect(new Set(labels).size).toBe(PLANS.flatMap(({ endpoints: sites }) => sites).length + 2)
    expect(labels).toHaveLength(new Set(labels).size)
  })

  it("finds out where the key belongs", async () => {
    const site = siteOf(TOKEN_PLAN, 1)
    const rest = places([site, accepting("qwen3.7-plus")])
    const { begin, alma, platform, quiet } = setUp({ inputs: [` ${KEY} `], picks: [FIND_OUT], rest })
    expect(await begin()).toEqual({
      credential: { type: "api_key", apiKey: KEY, ...site },
      models: ["qwen3.7-plus"],
      checked: true,
    })
    expect(alma.progress).toMatchObject([{ title: "Asking Model Studio where the key belongs", cancellable: true }])
    expect(platform.requests.map(({ headers }) => headers.get("authorization"))).toEqual(Array(4).fill(`Bearer ${KEY}`))
    expect(quiet()).toEqual([0, 0, 0])
  })

  it("asks the chosen place alone", async () => {
    const site = siteOf(CODING_PLAN, 1)
    const { begin, platform } = setUp({ inputs: [KEY], picks: ["Coding Plan (China)"], rest: accepting() })
    expect(await begin()).toMatchObject({ credential: site, checked: true })
    expect(platform.requests.map(({ url }) => url)).toEqual([`${site.baseUrl}/models`])
  })

  it("asks a workspace's own host alone", async () => {
    const { begin, platform, alma } = setUp({ inputs: [PAYING_KEY, WORKSPACE], picks: [OWN_HOST], rest: accepting() })
    expect(await begin()).toMatchObject({
      credential: { plan: "pay-as-you-go", region: "international", apiKey: PAYING_KEY },
    })
    expect(platform.requests.map(({ url }) => url)).toEqual([`https://${WORKSPACE}/compatible-mode/v1/models`])
    expect(alma.boxes[1]?.password).not.toBe(true)
  })

  it("says of a host that is none of Model Studio's what to enter", async () => {
    const { begin, alma } = setUp({ inputs: [PAYING_KEY, undefined], picks: [OWN_HOST] })
    expect(await begin()).toBeUndefined()
    const validate = alma.boxes[1]?.validateInput
    expect(validate?.(WORKSPACE)).toBeUndefined()
    expect(validate?.(`https://${WORKSPACE}/compatible-mode/v1`)).toBeUndefined()
    for (const text of ["", "evil.example", "bucket.oss.aliyuncs.com", `http://${WORKSPACE}`, `${WORKSPACE}.evil.test`])
      expect(validate?.(text)).toMatch(/is no address of Model Studio's API\. Copy the API host/)
    expect(validate?.("sk-very-secret")).not.toContain("very-secret")
  })

  it("sends the key nowhere when Alma lets such a host through", async () => {
    const { begin, platform } = setUp({ inputs: [PAYING_KEY, "evil.example"], picks: [OWN_HOST] })
    expect((await failureOf(begin())).code).toBe("invalid_endpoint")
    expect(platform.requests).toEqual([])
  })

  it("sends nothing when Alma lets something through that is no key", async () => {
    const { begin, platform, quiet } = setUp({ inputs: ["no key"], picks: [FIND_OUT] })
    expect((await failureOf(begin())).code).toBe("api_key_malformed")
    expect([platform.requests, quiet()]).toEqual([[], [0, 0, 0]])
  })

  it.each([
    ["the key", [undefined], []],
    ["the place", [KEY], [undefined]],
    ["the host", [PAYING_KEY, undefined], [OWN_HOST]],
  ])("ends when the dialog for %s is closed", async (_, inputs, picks) => {
    const { begin, platform, alma } = setUp({ inputs, picks })
    expect(await begin()).toBeUndefined()
    expect([platform.requests, alma.progress, alma.shown()]).toEqual([[], [], []])
  })

  it("ends when the person cancels the asking", async () => {
    const { begin, alma, platform, quiet } = setUp({
      inputs: [KEY],
      picks: [FIND_OUT],
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

  it("asks no more when it was ended while a dialog was open", async () => {
    const { begin, alma, outer } = setUp({ inputs: [KEY], picks: [undefined] })
    outer.abort()
    expect(await begin().catch(() => undefined)).toBeUndefined()
    expect(alma.asked).toEqual([])
  })

  it.each([
    ["no place takes the key", rejected, FIND_OUT, "api_key_rejected"],
    [
      "another place takes it",
      places([siteOf(TOKEN_PLAN), accepting()]),
      "Coding Plan (international)",
      "api_key_wrong_plan",
    ],
    ["no place can be asked", networkError(), FIND_OUT, "service_unreachable"],
    ["the plan has keys of another form", rejected, "Pay as you go (US)", "api_key_wrong_plan"],
  ])("fails when %s", async (_, rest, pick, code) => {
    const { begin, quiet } = setUp({ inputs: [KEY], picks: [pick], rest })
    const failure = await failureOf(begin())
    expect(failure.code).toBe(code)
    expect(failure.sentence).not.toContain("key-of-the-test")
    expect(quiet()).toEqual([0, 0, 0])
  })

  it("takes the chosen place unchecked when it cannot be asked", async () => {
    const { begin } = setUp({ inputs: [PAYING_KEY], picks: ["Pay as you go (US)"], rest: json({}, 503) })
    expect(await begin()).toMatchObject({ credential: siteOf(PAY_AS_YOU_GO, 2), checked: false })
  })
})
