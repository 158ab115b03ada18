import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { accepting, places, siteOf } from "qwen-auth-testing/key-places"
import { rejected } from "qwen-auth-testing/refusals"
import { networkError, page, silence } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import { CODING_PLAN, PAY_AS_YOU_GO, type PlanId, type Region, TOKEN_PLAN } from "../catalog/plans.ts"
import { type KeyHint, parseApiEndpoint } from "./key-endpoints.ts"
import { resolveKeyEndpoint } from "./resolve-key-endpoint.ts"

const PLAN_KEY = "sk-sp-key-of-the-test"
const STANDARD_KEY = "sk-key-of-the-test"

const CODING = siteOf(CODING_PLAN)
const CODING_CHINA = siteOf(CODING_PLAN, 1)
const TOKEN_CHINA = siteOf(TOKEN_PLAN, 1)
const PAID = siteOf(PAY_AS_YOU_GO)
const PAID_CHINA = siteOf(PAY_AS_YOU_GO, 1)
const WORKSPACE = parseApiEndpoint("ws-1.ap-southeast-1.maas.aliyuncs.com")

function setUp(rest: Reply) {
  const platform = fakePlatform({ rest })
  const locate = (key: string, hint?: KeyHint, signal?: AbortSignal) =>
    resolveKeyEndpoint({ platform, apiKey: key, hint, signal })
  return { platform, locate, asked: () => platform.requests.map(({ url }) => url.replace(/\/models$/, "")) }
}

const baseUrls = (sites: readonly { readonly baseUrl: string }[]) => sites.map(({ baseUrl }) => baseUrl)

describe("a key is at its place", () => {
  it.each([
    [PLAN_KEY, TOKEN_CHINA],
    [PLAN_KEY, CODING],
    [STANDARD_KEY, PAID_CHINA],
  ])("%s: where it is accepted, with the models that it may use", async (apiKey, site) => {
    const { locate } = setUp(places([site, accepting("qwen3.7-plus", "glm-5")]))
    expect(await locate(apiKey)).toEqual({
      credential: { type: "api_key", apiKey, ...site },
      models: ["qwen3.7-plus", "glm-5"],
      checked: true,
    })
  })

  it("and checked there, though the service names no models", async () => {
    expect(await setUp(places([CODING, accepting()])).locate(PLAN_KEY)).toMatchObject({ models: [], checked: true })
  })

  it("of a plan is not sent to the pay-as-you-go hosts, nor the other way round", async () => {
    const plan = setUp(places([CODING, accepting()]))
    await plan.locate(PLAN_KEY)
    expect(new Set(plan.asked())).toEqual(new Set(baseUrls([...CODING_PLAN.endpoints, ...TOKEN_PLAN.endpoints])))
    const standard = setUp(places([PAID, accepting()]))
    await standard.locate(STANDARD_KEY)
    expect(new Set(standard.asked())).toEqual(new Set(baseUrls(PAY_AS_YOU_GO.endpoints)))
  })

  it("is asked only where the hint leaves it open", async () => {
    const { locate, asked } = setUp(places([CODING_CHINA, accepting()]))
    expect((await locate(PLAN_KEY, { plan: "coding-plan" })).credential.baseUrl).toBe(CODING_CHINA.baseUrl)
    expect(asked()).toEqual(baseUrls(CODING_PLAN.endpoints))
  })

  it("at a workspace's own host is asked there alone", async () => {
    const { locate, asked } = setUp(places([WORKSPACE, accepting("qwen3-max")]))
    expect(await locate("sk-ws-key-of-the-test", { endpoint: WORKSPACE })).toEqual({
      credential: { type: "api_key", apiKey: "sk-ws-key-of-the-test", ...WORKSPACE },
      models: ["qwen3-max"],
      checked: true,
    })
    expect(asked()).toEqual([WORKSPACE.baseUrl])
  })
})

describe("with one place left that did not refuse the key", () => {
  it.each([
    ["a gateway's page", page(504)],
    ["no network", networkError()],
    ["silence", silence],
  ])("that is it, unchecked: %s", async (_, reply) => {
    const { locate } = setUp(places([TOKEN_CHINA, reply]))
    expect(await locate(PLAN_KEY)).toEqual({
      credential: { type: "api_key", apiKey: PLAN_KEY, ...TOKEN_CHINA },
      models: [],
      checked: false,
    })
  })

  it("because the hint leaves no other, that is it without any network", async () => {
    const { locate, asked } = setUp(networkError())
    const { credential, checked } = await locate(PLAN_KEY, { plan: "coding-plan", region: "international" })
    expect(credential).toEqual({ type: "api_key", apiKey: PLAN_KEY, ...CODING })
    expect(checked).toBe(false)
    expect(asked()).toEqual([CODING.baseUrl])
  })
})

describe("a key whose place cannot be told now", () => {
  it.each([
    ["no network", networkError("getaddrinfo ENOTFOUND"), "getaddrinfo ENOTFOUND"],
    ["a captive portal", page(200), "HTTP 200 with a web page"],
    ["silence", silence, "did not answer within 10 seconds"],
  ])("is not called wrong: %s", async (_, rest, why) => {
    const { locate, asked } = setUp(rest)
    const error = await failureOf(locate(PLAN_KEY))
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toContain(why)
    expect(error.remedy).toContain("choose the key's plan and region")
    expect(asked()).toHaveLength(4)
  })

  it("is not asked elsewhere while the chosen plan cannot be asked", async () => {
    const { locate, asked } = setUp(places([CODING, page(502)], [CODING_CHINA, page(502)], [TOKEN_CHINA, accepting()]))
    expect((await failureOf(locate(PLAN_KEY, { plan: "coding-plan" }))).code).toBe("service_unreachable")
    expect(asked()).toEqual(baseUrls(CODING_PLAN.endpoints))
  })
})

describe("a key that works elsewhere", () => {
  it.each([
    [
      PLAN_KEY,
      { plan: "coding-plan" },
      TOKEN_CHINA,
      "Token Plan (China)",
      "Coding Plan (international), Coding Plan (China)",
    ],
    [PLAN_KEY, { plan: "coding-plan", region: "china" }, CODING, "Coding Plan (international)", "Coding Plan (China)"],
    [STANDARD_KEY, { region: "us" }, PAID_CHINA, "Pay as you go (China)", "Pay as you go (US)"],
    // The form is another plan's.
    [PLAN_KEY, { plan: "pay-as-you-go" }, TOKEN_CHINA, "Token Plan (China)", "the chosen plan"],
    [STANDARD_KEY, { plan: "coding-plan" }, PAID, "Pay as you go (international)", "the chosen plan"],
  ] satisfies [string, { plan?: PlanId; region?: Region }, typeof CODING, string, string][])(
    "than was chosen is told where: %s with %j",
    async (key, hint, site, works, chosen) => {
      const { locate } = setUp(places([site, accepting()]))
      const error = await failureOf(locate(key, hint))
      expect(error.code).toBe("api_key_wrong_plan")
      expect(error.message).toBe(`This API key belongs to ${works}, not ${chosen}.`)
      expect(error.remedy).toContain(`choose ${works}`)
    },
  )

  it("is asked where it was chosen first, and at no place twice", async () => {
    const { locate, asked } = setUp(places([TOKEN_CHINA, accepting()]))
    await failureOf(locate(PLAN_KEY, { plan: "coding-plan" }))
    expect(asked()).toEqual(baseUrls([...CODING_PLAN.endpoints, ...TOKEN_PLAN.endpoints]))
  })
})

describe("a key that is wrong", () => {
  it("everywhere is told so, with the places", async () => {
    const { locate } = setUp(rejected)
    const error = await failureOf(locate(PLAN_KEY))
    expect(error.code).toBe("api_key_rejected")
    expect(error.message).toBe(
      "Model Studio does not accept this API key for Coding Plan (international), Coding Plan (China), " +
        "Token Plan (international), Token Plan (China).",
    )
    expect(error.remedy).toContain("https://modelstudio.console.alibabacloud.com")
  })

  it.each([
    ["elsewhere, too", rejected],
    ["and elsewhere cannot be asked", places([TOKEN_CHINA, page(502)], [siteOf(TOKEN_PLAN), page(502)])],
  ])("where it was chosen, %s, is told so", async (_, rest) => {
    const { locate } = setUp(rest)
    const error = await failureOf(locate(PLAN_KEY, { plan: "coding-plan", region: "china" }))
    expect([error.code, error.message]).toEqual([
      "api_key_rejected",
      "Model Studio does not accept this API key for Coding Plan (China).",
    ])
  })

  it("in form and place is told so", async () => {
    const { locate } = setUp(rejected)
    const error = await failureOf(locate(STANDARD_KEY, { plan: "token-plan" }))
    expect([error.code, error.message]).toEqual(["api_key_wrong_plan", "This key does not match the chosen plan."])
  })

  it.each(["", "no key", "sk-1"])("in form is not sent anywhere: %j", async (key) => {
    const { locate, asked } = setUp(rejected)
    expect((await failureOf(locate(key))).code).toBe("api_key_malformed")
    expect(asked()).toEqual([])
  })
})

describe("who gives up", () => {
  it.each([
    ["the first question", silence, {}],
    ["the second", places([siteOf(TOKEN_PLAN), silence], [TOKEN_CHINA, silence]), { plan: "coding-plan" }],
  ] satisfies [string, Reply, KeyHint][])("during %s ends it, and nothing is left behind", async (_, rest, hint) => {
    const controller = new AbortController()
    const platform = fakePlatform({ rest, autoAdvance: false })
    const outcome = failureOf(resolveKeyEndpoint({ platform, apiKey: PLAN_KEY, hint, signal: controller.signal }))
    await settle()
    await settle()
    controller.abort()
    expect((await outcome).code).toBe("aborted")
    expect(platform.openWaits()).toBe(0)
  })
})
