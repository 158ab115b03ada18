import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf, endpointReplies, unknownModel } from "qwen-auth-testing/key-endpoints"
import { apiError, callerUnknown, rejected } from "qwen-auth-testing/refusals"
import { after, empty, networkError, page, silence } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import { CODING_PLAN, TOKEN_PLAN } from "../catalog/plans.ts"
import { probeEndpoints } from "./probe-endpoints.ts"

const KEY = "sk-sp-key-of-the-test"
const AGENT = "opencode/1.18.33"
const CODING = endpointOf(CODING_PLAN)
const CODING_CHINA = endpointOf(CODING_PLAN, 1)
const TOKEN = endpointOf(TOKEN_PLAN)
const TOKEN_CHINA = endpointOf(TOKEN_PLAN, 1)
const ENDPOINTS = [CODING, CODING_CHINA, TOKEN, TOKEN_CHINA]

/** @param autoAdvance whether the clock advances by itself, so that timeouts occur */
function setUp(rest: Reply, autoAdvance = false) {
  const platform = fakePlatform({ rest, autoAdvance })
  return {
    platform,
    probe: (signal?: AbortSignal, endpoints = ENDPOINTS) =>
      probeEndpoints(platform, { apiKey: KEY, userAgent: AGENT }, endpoints, signal),
  }
}

describe("probeEndpoints", () => {
  it.each(ENDPOINTS)("finds the endpoint that accepts the key: $plan, $region", async (endpoint) => {
    const { probe, platform } = setUp(endpointReplies([endpoint, accepting("qwen3.7-plus")]))
    expect(await probe()).toEqual({ kind: "found", endpoint, models: ["qwen3.7-plus"] })
    const lists = [TOKEN, TOKEN_CHINA].map(({ baseUrl }) => `${baseUrl}/models`)
    const chats = [CODING, CODING_CHINA].map(({ baseUrl }) => `${baseUrl}/chat/completions`)
    const expected = endpoint.plan === "token-plan" ? lists : [...lists, ...chats, `${endpoint.baseUrl}/models`]
    expect(platform.requests.map(({ url }) => url)).toEqual(expected)
  })

  it("does not accept a public list of the Coding Plan as proof", async () => {
    const { probe } = setUp((request) =>
      (request.url === `${CODING.baseUrl}/models` ? accepting("qwen3-coder-plus") : rejected)(request),
    )
    expect(await probe()).toEqual({ kind: "refused" })
    expect(await probe(undefined, [CODING])).toEqual({ kind: "refused" })
  })

  it("finds a Coding Plan key whose models are not listed", async () => {
    const { probe } = setUp((request) =>
      (request.url === `${CODING_CHINA.baseUrl}/chat/completions` ? unknownModel : rejected)(request),
    )
    expect(await probe()).toEqual({ kind: "found", endpoint: CODING_CHINA, models: [] })
  })

  it("finds the endpoint even if other endpoints fail", async () => {
    const { probe } = setUp(
      endpointReplies([CODING, page(502)], [CODING_CHINA, networkError()], [TOKEN_CHINA, accepting()]),
    )
    expect(await probe()).toEqual({ kind: "found", endpoint: TOKEN_CHINA, models: [] })
  })

  it.each([
    ["without a signal", undefined],
    ["with a signal", new AbortController().signal],
  ])("cancels the other requests and leaves no timer behind, %s", async (_, signal) => {
    const { probe, platform } = setUp(endpointReplies([TOKEN, accepting("glm-5")], [TOKEN_CHINA, silence]))
    expect(await probe(signal)).toMatchObject({ kind: "found", endpoint: TOKEN })
    await settle()
    const aborted = platform.requests.map((sent) => [new URL(sent.url).origin, sent.signal?.aborted])
    expect(aborted).toContainEqual([new URL(TOKEN_CHINA.baseUrl).origin, true])
    expect(platform.openWaits()).toBe(0)
  })

  it("waits for the last endpoint if the others reject the key", async () => {
    const slow = gate()
    const { probe } = setUp(endpointReplies([TOKEN_CHINA, after(slow.promise, accepting("glm-5"))]))
    const probing = probe()
    await settle()
    slow.open()
    expect(await probing).toMatchObject({ kind: "found", endpoint: TOKEN_CHINA })
  })

  it("returns the faster of two endpoints that accept the key", async () => {
    const slow = gate()
    const { probe } = setUp(endpointReplies([TOKEN_CHINA, after(slow.promise, accepting())], [TOKEN, accepting()]))
    expect(await probe()).toMatchObject({ endpoint: TOKEN })
    slow.open()
  })
})

describe("a key that no endpoint accepts", () => {
  it("is refused if all endpoints reject it", async () => {
    const { probe, platform } = setUp(rejected)
    expect(await probe()).toEqual({ kind: "refused" })
    expect(platform.openWaits()).toBe(0)
  })

  it.each([
    ["a gateway's page", page(504), "HTTP 504 with a web page"],
    ["no network", networkError("read ECONNRESET"), "read ECONNRESET"],
    ["a redirect", empty(302), "HTTP 302 without content"],
  ])("gives no conclusion if one endpoint returns %s", async (_, reply, why) => {
    const { probe } = setUp(endpointReplies([TOKEN, reply]))
    expect(await probe()).toEqual({ kind: "unknown", why, permanent: false, candidates: [TOKEN] })
  })

  it("may belong to every endpoint that gave no conclusion", async () => {
    const { probe } = setUp(endpointReplies([TOKEN_CHINA, page(504)], [CODING, page(504)]))
    const result = await probe()
    expect(result).toMatchObject({ kind: "unknown", why: "HTTP 504 with a web page" })
    expect(new Set(result.kind === "unknown" ? result.candidates : [])).toEqual(new Set([CODING, TOKEN_CHINA]))
  })

  it("may belong to both sites of the Coding Plan if neither recognises the caller", async () => {
    const { probe } = setUp(endpointReplies([CODING, callerUnknown], [CODING_CHINA, callerUnknown]))
    expect(await probe()).toEqual({
      kind: "unknown",
      why: "the Coding Plan does not recognise this program as a coding agent",
      permanent: true,
      candidates: [CODING, CODING_CHINA],
    })
  })

  it("may belong to both sites of the Coding Plan if both check the model before the key", async () => {
    const { probe } = setUp(endpointReplies([CODING, unknownModel], [CODING_CHINA, unknownModel]))
    expect(await probe()).toMatchObject({ kind: "unknown", permanent: true, candidates: [CODING, CODING_CHINA] })
  })

  it("gives a permanent result if one endpoint says nothing about it and another does not respond", async () => {
    const { probe } = setUp(endpointReplies([TOKEN, page(502)], [CODING, apiError(400, "x", "no")]))
    expect(await probe()).toMatchObject({
      why: "the Coding Plan answered HTTP 400",
      permanent: true,
      candidates: [CODING, TOKEN],
    })
  })

  it("may belong to any endpoint if none responds in time, with parallel timeouts", async () => {
    const { probe, platform } = setUp(silence, true)
    expect(await probe()).toMatchObject({ kind: "unknown", candidates: ENDPOINTS })
    expect(platform.waits).toEqual([10_000, 10_000, 10_000, 10_000])
    expect(platform.now() - fakePlatform().now()).toBe(20_000)
  })

  it("is refused if there are no endpoints", async () => {
    const { probe, platform } = setUp(rejected)
    expect(await probe(undefined, [])).toEqual({ kind: "refused" })
    expect(platform.requests).toHaveLength(0)
  })
})

describe("aborting probeEndpoints", () => {
  it("before the requests sends nothing", async () => {
    const { probe, platform } = setUp(rejected)
    expect((await failureOf(probe(AbortSignal.abort()))).code).toBe("aborted")
    expect(platform.requests).toHaveLength(0)
  })

  it.each([
    ["before any response", silence],
    ["before the last response", endpointReplies([TOKEN, silence])],
  ])("%s ends every request and leaves no timer behind", async (_, rest) => {
    const controller = new AbortController()
    const { probe, platform } = setUp(rest)
    const outcome = failureOf(probe(controller.signal))
    await settle()
    controller.abort(new Error("the user pressed Escape"))
    const error = await outcome
    expect([error.code, error.cause]).toEqual(["aborted", new Error("the user pressed Escape")])
    expect(platform.openWaits()).toBe(0)
  })

  it("after a result does not affect it or the caller's signal", async () => {
    const controller = new AbortController()
    const { probe } = setUp(endpointReplies([CODING, accepting()]))
    expect(await probe(controller.signal)).toMatchObject({ kind: "found", endpoint: CODING })
    expect(controller.signal.aborted).toBe(false)
  })
})
