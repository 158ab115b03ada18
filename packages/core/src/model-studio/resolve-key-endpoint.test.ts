import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf, endpointReplies } from "qwen-auth-testing/key-endpoints"
import { callerUnknown, rejected } from "qwen-auth-testing/refusals"
import { networkError, page, silence } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import { CODING_PLAN, PAY_AS_YOU_GO, type PlanId, type Region, TOKEN_PLAN } from "../catalog/plans.ts"
import { parseApiEndpoint } from "./endpoint-address.ts"
import type { KeyHint } from "./key-endpoints.ts"
import { resolveKeyEndpoint } from "./resolve-key-endpoint.ts"

const PLAN_KEY = "sk-sp-key-of-the-test"
const STANDARD_KEY = "sk-key-of-the-test"

const CODING = endpointOf(CODING_PLAN)
const CODING_CHINA = endpointOf(CODING_PLAN, 1)
const TOKEN_CHINA = endpointOf(TOKEN_PLAN, 1)
const PAID = endpointOf(PAY_AS_YOU_GO)
const PAID_CHINA = endpointOf(PAY_AS_YOU_GO, 1)
const WORKSPACE = parseApiEndpoint("ws-1.ap-southeast-1.maas.aliyuncs.com")

function setUp(rest: Reply) {
  const platform = fakePlatform({ rest })
  const resolve = (key: string, hint?: KeyHint, signal?: AbortSignal) =>
    resolveKeyEndpoint({ platform, apiKey: key, hint, signal })
  return {
    platform,
    resolve,
    requested: () => platform.requests.map(({ url }) => url.replace(/\/(?:models|chat\/completions)$/, "")),
  }
}

const baseUrls = (endpoints: readonly { readonly baseUrl: string }[]) => endpoints.map(({ baseUrl }) => baseUrl)

describe("resolveKeyEndpoint", () => {
  it.each([
    [PLAN_KEY, TOKEN_CHINA],
    [PLAN_KEY, CODING],
    [STANDARD_KEY, PAID_CHINA],
  ])("returns for %s the endpoint that accepts it and its models", async (apiKey, endpoint) => {
    const { resolve } = setUp(endpointReplies([endpoint, accepting("qwen3.7-plus", "glm-5")]))
    expect(await resolve(apiKey)).toEqual({
      credential: { type: "api_key", apiKey, ...endpoint },
      models: ["qwen3.7-plus", "glm-5"],
      checked: true,
    })
  })

  it("returns a checked key even if the service lists no models", async () => {
    expect(await setUp(endpointReplies([CODING, accepting()])).resolve(PLAN_KEY)).toMatchObject({
      models: [],
      checked: true,
    })
  })

  it("sends a plan's key only to plans, and a standard key only to pay as you go", async () => {
    const plan = setUp(endpointReplies([CODING, accepting()]))
    await plan.resolve(PLAN_KEY)
    expect(new Set(plan.requested())).toEqual(new Set(baseUrls([...CODING_PLAN.endpoints, ...TOKEN_PLAN.endpoints])))
    const standard = setUp(endpointReplies([PAID, accepting()]))
    await standard.resolve(STANDARD_KEY)
    expect(new Set(standard.requested())).toEqual(new Set(baseUrls(PAY_AS_YOU_GO.endpoints)))
  })

  it("probes only the endpoints that match the hint", async () => {
    const { resolve, requested } = setUp(endpointReplies([CODING_CHINA, accepting()]))
    expect((await resolve(PLAN_KEY, { plan: "coding-plan" })).credential.baseUrl).toBe(CODING_CHINA.baseUrl)
    expect(new Set(requested())).toEqual(new Set(baseUrls(CODING_PLAN.endpoints)))
  })

  it("probes only a workspace's own host if it is known", async () => {
    const { resolve, requested } = setUp(endpointReplies([WORKSPACE, accepting("qwen3-max")]))
    expect(await resolve("sk-ws-key-of-the-test", { endpoint: WORKSPACE })).toEqual({
      credential: { type: "api_key", apiKey: "sk-ws-key-of-the-test", ...WORKSPACE },
      models: ["qwen3-max"],
      checked: true,
    })
    expect(requested()).toEqual([WORKSPACE.baseUrl])
  })
})

describe("if only one endpoint did not reject the key", () => {
  it.each([
    ["a gateway's page", page(504)],
    ["no network", networkError()],
    ["silence", silence],
  ])("returns it unchecked after %s", async (_, reply) => {
    const { resolve } = setUp(endpointReplies([TOKEN_CHINA, reply]))
    expect(await resolve(PLAN_KEY)).toEqual({
      credential: { type: "api_key", apiKey: PLAN_KEY, ...TOKEN_CHINA },
      models: [],
      checked: false,
    })
  })

  it("returns the only endpoint that matches the hint unchecked without a network", async () => {
    const { resolve, requested } = setUp(networkError())
    const { credential, checked } = await resolve(PLAN_KEY, { plan: "coding-plan", region: "international" })
    expect(credential).toEqual({ type: "api_key", apiKey: PLAN_KEY, ...CODING })
    expect(checked).toBe(false)
    expect(requested()).toEqual([CODING.baseUrl])
  })
})

describe("a key without a conclusive result", () => {
  it.each([
    ["no network", networkError("getaddrinfo ENOTFOUND"), "getaddrinfo ENOTFOUND"],
    ["a captive portal", page(200), "HTTP 200 with a web page"],
    ["silence", silence, "did not answer within 10 seconds"],
  ])("is not rejected after %s", async (_, rest, why) => {
    const { resolve, requested } = setUp(rest)
    const error = await failureOf(resolve(PLAN_KEY))
    expect(error.code).toBe("service_unreachable")
    expect(error.message).toContain(why)
    expect(error.remedy).toContain("choose the key's plan and region")
    expect(requested()).toHaveLength(4)
  })

  it("is not sent to other plans if the chosen plan gave no conclusion", async () => {
    const { resolve, requested } = setUp(
      endpointReplies([CODING, page(502)], [CODING_CHINA, page(502)], [TOKEN_CHINA, accepting()]),
    )
    expect((await failureOf(resolve(PLAN_KEY, { plan: "coding-plan" }))).code).toBe("service_unreachable")
    expect(requested()).toEqual(baseUrls(CODING_PLAN.endpoints))
  })
})

describe("a key that the Coding Plan does not check", () => {
  const both = endpointReplies([CODING, callerUnknown], [CODING_CHINA, callerUnknown])

  it.each([undefined, { plan: "coding-plan" }] satisfies (KeyHint | undefined)[])(
    "is not resolved, and the error says why, with the hint %j",
    async (hint) => {
      const error = await failureOf(setUp(both).resolve(PLAN_KEY, hint))
      expect(error.code).toBe("api_key_undetermined")
      expect(error.sentence).toBe(
        "The plan and region of this API key cannot be detected: the Coding Plan does not recognise this program as a " +
          "coding agent. Sign in again and choose the key's plan and region.",
      )
    },
  )

  it("is returned unchecked for the chosen endpoint, although the plan's public list accepts it", async () => {
    const publicList: Reply = (request) =>
      (request.url.endsWith("/models") ? accepting("qwen3.7-plus") : callerUnknown)(request)
    const { resolve } = setUp(endpointReplies([CODING, publicList]))
    expect(await resolve(PLAN_KEY, { plan: "coding-plan", region: "international" })).toEqual({
      credential: { type: "api_key", apiKey: PLAN_KEY, ...CODING },
      models: [],
      checked: false,
    })
  })

  it("is rejected if a chat is refused, although the plan's public list accepts it", async () => {
    const publicList: Reply = (request) =>
      (request.url === `${CODING.baseUrl}/models` ? accepting("qwen3.7-plus") : rejected)(request)
    const error = await failureOf(setUp(publicList).resolve(PLAN_KEY, { plan: "coding-plan", region: "international" }))
    expect(error.code).toBe("api_key_rejected")
  })

  it("is checked with the host's User-Agent", async () => {
    const { platform } = setUp(endpointReplies([CODING, accepting()]))
    await resolveKeyEndpoint({ platform, apiKey: PLAN_KEY, userAgent: "opencode/1.18.33" })
    const chats = platform.requests.filter(({ url }) => url.endsWith("/chat/completions"))
    expect(chats.map(({ headers }) => headers.get("user-agent"))).toEqual(["opencode/1.18.33", "opencode/1.18.33"])
  })
})

describe("a key of another plan or region", () => {
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
    // The kind of key belongs to another plan.
    [PLAN_KEY, { plan: "pay-as-you-go" }, TOKEN_CHINA, "Token Plan (China)", "the chosen plan"],
    [STANDARD_KEY, { plan: "coding-plan" }, PAID, "Pay as you go (international)", "the chosen plan"],
  ] satisfies [string, { plan?: PlanId; region?: Region }, typeof CODING, string, string][])(
    "is rejected with its plan and region: %s with %j",
    async (key, hint, endpoint, works, chosen) => {
      const { resolve } = setUp(endpointReplies([endpoint, accepting()]))
      const error = await failureOf(resolve(key, hint))
      expect(error.code).toBe("api_key_wrong_plan")
      expect(error.message).toBe(`This API key belongs to ${works}, not ${chosen}.`)
      expect(error.remedy).toContain(`choose ${works}`)
    },
  )

  it("is sent to the chosen plan first and to no endpoint twice", async () => {
    const { resolve, requested } = setUp(endpointReplies([TOKEN_CHINA, accepting()]))
    await failureOf(resolve(PLAN_KEY, { plan: "coding-plan" }))
    expect(requested()).toEqual(baseUrls([...CODING_PLAN.endpoints, ...TOKEN_PLAN.endpoints]))
  })
})

describe("an invalid key", () => {
  it("is rejected with the endpoints that were probed", async () => {
    const { resolve } = setUp(rejected)
    const error = await failureOf(resolve(PLAN_KEY))
    expect(error.code).toBe("api_key_rejected")
    expect(error.message).toBe(
      "Qwen Cloud (Model Studio) does not accept this API key for Coding Plan (international), Coding Plan (China), " +
        "Token Plan (international), Token Plan (China).",
    )
    expect(error.remedy).toContain("https://home.qwencloud.com/api-keys")
  })

  it.each([
    ["and by the other endpoints", rejected],
    [
      "while the other endpoints give no conclusion",
      endpointReplies([TOKEN_CHINA, page(502)], [endpointOf(TOKEN_PLAN), page(502)]),
    ],
  ])("is rejected for the chosen plan, %s", async (_, rest) => {
    const { resolve } = setUp(rest)
    const error = await failureOf(resolve(PLAN_KEY, { plan: "coding-plan", region: "china" }))
    expect([error.code, error.message]).toEqual([
      "api_key_rejected",
      "Qwen Cloud (Model Studio) does not accept this API key for Coding Plan (China).",
    ])
  })

  it("is rejected if its kind does not match the chosen plan", async () => {
    const { resolve } = setUp(rejected)
    const error = await failureOf(resolve(STANDARD_KEY, { plan: "token-plan" }))
    expect([error.code, error.message]).toEqual(["api_key_wrong_plan", "This key does not match the chosen plan."])
  })

  it.each(["", "no key", "sk-1"])("is not sent anywhere if it is malformed: %j", async (key) => {
    const { resolve, requested } = setUp(rejected)
    expect((await failureOf(resolve(key))).code).toBe("api_key_malformed")
    expect(requested()).toEqual([])
  })
})

describe("aborting resolveKeyEndpoint", () => {
  it.each([
    ["the first probe", silence, {}],
    [
      "the second probe",
      endpointReplies([endpointOf(TOKEN_PLAN), silence], [TOKEN_CHINA, silence]),
      { plan: "coding-plan" },
    ],
  ] satisfies [string, Reply, KeyHint][])("during %s ends it and leaves no timer behind", async (_, rest, hint) => {
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
