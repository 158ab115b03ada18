import { failureOf } from "qwen-auth-testing/failure-of"
import { fakePlatform, type Reply } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { accepting, places, siteOf } from "qwen-auth-testing/key-places"
import { rejected } from "qwen-auth-testing/refusals"
import { after, empty, networkError, page, silence } from "qwen-auth-testing/replies"
import { describe, expect, it } from "vitest"
import { CODING_PLAN, TOKEN_PLAN } from "../catalog/plans.ts"
import { probeEndpoints } from "./probe-endpoints.ts"

const KEY = "sk-sp-key-of-the-test"
const CODING = siteOf(CODING_PLAN)
const CODING_CHINA = siteOf(CODING_PLAN, 1)
const TOKEN = siteOf(TOKEN_PLAN)
const TOKEN_CHINA = siteOf(TOKEN_PLAN, 1)
const SITES = [CODING, CODING_CHINA, TOKEN, TOKEN_CHINA]

/** The clock stands still unless asked: a time-out is then what the test makes it. */
function setUp(rest: Reply, autoAdvance = false) {
  const platform = fakePlatform({ rest, autoAdvance })
  return { platform, find: (signal?: AbortSignal, sites = SITES) => probeEndpoints(platform, KEY, sites, signal) }
}

describe("the place of a key", () => {
  it.each(SITES)("is the one that accepts it: $plan, $region", async (site) => {
    const { find, platform } = setUp(places([site, accepting("qwen3.7-plus")]))
    expect(await find()).toEqual({ kind: "found", site, models: ["qwen3.7-plus"] })
    expect(platform.requests.map(({ url }) => url)).toEqual(SITES.map(({ baseUrl }) => `${baseUrl}/models`))
  })

  it("is found although others cannot be asked", async () => {
    const { find } = setUp(places([CODING, page(502)], [CODING_CHINA, networkError()], [TOKEN_CHINA, accepting()]))
    expect(await find()).toEqual({ kind: "found", site: TOKEN_CHINA, models: [] })
  })

  it.each([
    ["nobody can give up", undefined],
    ["somebody could give up", new AbortController().signal],
  ])("is the first that accepts it; the others end, and nothing is left behind, where %s", async (_, signal) => {
    const { find, platform } = setUp(places([CODING, silence], [TOKEN, accepting("glm-5")], [TOKEN_CHINA, silence]))
    expect(await find(signal)).toMatchObject({ kind: "found", site: TOKEN })
    await settle()
    const aborted = platform.requests.map((sent) => [new URL(sent.url).origin, sent.signal?.aborted])
    expect(aborted).toContainEqual([new URL(CODING.baseUrl).origin, true])
    expect(aborted).toContainEqual([new URL(TOKEN_CHINA.baseUrl).origin, true])
    expect(platform.openWaits()).toBe(0)
  })

  it("is waited for while the others have said no", async () => {
    const slow = gate()
    const { find } = setUp(places([TOKEN_CHINA, after(slow.promise, accepting("glm-5"))]))
    const finding = find()
    await settle()
    slow.open()
    expect(await finding).toMatchObject({ kind: "found", site: TOKEN_CHINA })
  })

  it("is the quicker one when two accept it", async () => {
    const slow = gate()
    const { find } = setUp(places([CODING, after(slow.promise, accepting())], [TOKEN, accepting()]))
    expect(await find()).toMatchObject({ site: TOKEN })
    slow.open()
  })
})

describe("a key without a place", () => {
  it("is wrong when all refuse it", async () => {
    const { find, platform } = setUp(rejected)
    expect(await find()).toEqual({ kind: "refused" })
    expect(platform.openWaits()).toBe(0)
  })

  it.each([
    ["a gateway's page", page(504), "HTTP 504 with a web page"],
    ["no network", networkError("read ECONNRESET"), "read ECONNRESET"],
    ["a redirect", empty(302), "HTTP 302 without content"],
  ])("cannot be told to be wrong when one place answers with %s: that may be its own", async (_, reply, why) => {
    const { find } = setUp(places([TOKEN, reply]))
    expect(await find()).toEqual({ kind: "unknown", why, candidates: [TOKEN] })
  })

  it("may belong to every place that could not be asked", async () => {
    const { find } = setUp(places([TOKEN_CHINA, page(504)], [CODING, page(504)]))
    const place = await find()
    expect(place).toMatchObject({ kind: "unknown", why: "HTTP 504 with a web page" })
    expect(new Set(place.kind === "unknown" ? place.candidates : [])).toEqual(new Set([CODING, TOKEN_CHINA]))
  })

  it("may belong to any when none answers in time, and the times run together", async () => {
    const { find, platform } = setUp(silence, true)
    expect(await find()).toMatchObject({ kind: "unknown", candidates: SITES })
    expect(platform.waits).toEqual([10_000, 10_000, 10_000, 10_000])
    expect(platform.now() - fakePlatform().now()).toBe(10_000)
  })

  it("is refused when there is no place to ask", async () => {
    const { find, platform } = setUp(rejected)
    expect(await find(undefined, [])).toEqual({ kind: "refused" })
    expect(platform.requests).toHaveLength(0)
  })
})

describe("who gives up finding the place", () => {
  it("before: nothing is sent", async () => {
    const { find, platform } = setUp(rejected)
    expect((await failureOf(find(AbortSignal.abort()))).code).toBe("aborted")
    expect(platform.requests).toHaveLength(0)
  })

  it.each([
    ["while none has answered", silence],
    ["while one is still to answer", places([TOKEN, silence])],
  ])("%s: every request ends and nothing is left behind", async (_, rest) => {
    const controller = new AbortController()
    const { find, platform } = setUp(rest)
    const outcome = failureOf(find(controller.signal))
    await settle()
    controller.abort(new Error("the person pressed Escape"))
    const error = await outcome
    expect([error.code, error.cause]).toEqual(["aborted", new Error("the person pressed Escape")])
    expect(platform.openWaits()).toBe(0)
  })

  it("too late: what was found stays found, and the caller's signal is left alone", async () => {
    const controller = new AbortController()
    const { find } = setUp(places([CODING, accepting()]))
    expect(await find(controller.signal)).toMatchObject({ kind: "found", site: CODING })
    expect(controller.signal.aborted).toBe(false)
  })
})
