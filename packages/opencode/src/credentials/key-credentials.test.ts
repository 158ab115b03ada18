import { CODING_PLAN, PAY_AS_YOU_GO, type PlanSite, QwenAuthError, TOKEN_PLAN } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { failureOf } from "../../../core/src/testing/failure-of.ts"
import { type FakeWorldOptions, fakeWorld } from "../../../core/src/testing/fake-world.ts"
import { gate, settle } from "../../../core/src/testing/gate.ts"
import { accepting, places as keyAnswers, siteOf } from "../../../core/src/testing/key-places.ts"
import { after, noAnswer } from "../../../core/src/testing/replies.ts"
import { credential } from "../../../core/src/testing/samples.ts"
import { memoryLists, memoryPlaces } from "../testing/memory-caches.ts"
import type { StoredKey } from "./host-record.ts"
import { keyCredentials } from "./key-credentials.ts"

const KEY = "sk-sp-key-of-the-test"
const SITE = siteOf(TOKEN_PLAN, 1)
const PLACED: StoredKey = { apiKey: KEY, site: SITE }
const UNPLACED: StoredKey = { apiKey: KEY, hint: {} }

interface SetUp extends FakeWorldOptions {
  /** The key as it is stored, or why it cannot be had; a test may replace it. */
  readonly stored: StoredKey | Error
  readonly known?: Readonly<Record<string, PlanSite>>
  readonly told?: (error: unknown) => unknown
}

function setUp({ stored, known = {}, told, ...options }: SetUp) {
  const world = fakeWorld({ autoAdvance: false, ...options })
  const record = { stored, reads: 0 }
  const lists = memoryLists()
  const places = memoryPlaces(known)
  const credentials = keyCredentials({
    world,
    lists,
    places,
    ...(told === undefined ? {} : { told }),
    stored: async () => {
      record.reads++
      if (record.stored instanceof Error) throw record.stored
      return record.stored
    },
  })
  return { world, record, lists, places, credentials, current: () => credentials.current({}) }
}

describe("a key whose place is known", () => {
  it("from the record needs no network", async () => {
    const { current, world } = setUp({ stored: PLACED })
    expect(await current()).toEqual({ type: "api_key", apiKey: KEY, ...SITE })
    expect(world.requests).toEqual([])
  })

  it("from an earlier start needs none either", async () => {
    const { current, world } = setUp({ stored: UNPLACED, known: { [KEY]: SITE } })
    expect(await current()).toEqual({ type: "api_key", apiKey: KEY, ...SITE })
    expect(world.requests).toEqual([])
  })

  it("from the record goes before what was remembered", async () => {
    const { current } = setUp({ stored: PLACED, known: { [KEY]: siteOf(CODING_PLAN) } })
    expect(await current()).toMatchObject(SITE)
  })
})

describe("a key whose place is not known", () => {
  it("is located at the first request, and its place and models are remembered", async () => {
    const { current, places, lists } = setUp({ stored: UNPLACED, rest: keyAnswers([SITE, accepting("qwen3.7-plus")]) })
    expect(await current()).toEqual({ type: "api_key", apiKey: KEY, ...SITE })
    expect(places.held.get(KEY)).toMatchObject(SITE)
    expect(lists.held.get(SITE.baseUrl)).toEqual(["qwen3.7-plus"])
  })

  it("is looked for only where the hint leaves it open", async () => {
    const stored = { apiKey: KEY, hint: { plan: "token-plan" as const } }
    const { current, world } = setUp({ stored, rest: keyAnswers([SITE, accepting("qwen3.7-plus")]) })
    await current()
    expect(world.requests.map(({ url }) => url).sort()).toEqual(
      TOKEN_PLAN.sites.map(({ baseUrl }) => `${baseUrl}/models`).sort(),
    )
  })

  it("is located once for requests that overlap", async () => {
    const answered = gate()
    const rest = after(answered.promise, keyAnswers([SITE, accepting("qwen3.7-plus")]))
    const { current, world, record } = setUp({ stored: UNPLACED, rest })
    const both = Promise.all([current(), current()])
    await settle()
    const asked = world.requests.length
    expect(asked).toBeGreaterThan(0)
    const third = current()
    answered.open()
    const [one, two] = await both
    expect(two).toBe(one)
    expect(await third).toBe(one)
    expect(world.requests).toHaveLength(asked)
    expect(record.reads).toBe(1)
  })

  it("is located once, however long that takes", async () => {
    const answered = gate()
    const rest = after(answered.promise, keyAnswers([SITE, accepting("qwen3.7-plus")]))
    const { current, world } = setUp({ stored: UNPLACED, rest })
    const first = current()
    await settle()
    const asked = world.requests.length
    world.pass(6_000)
    const second = current()
    await settle()
    answered.open()
    expect(await second).toEqual(await first)
    expect(world.requests).toHaveLength(asked)
  })

  it("is not asked for again by later requests", async () => {
    const { current, world } = setUp({ stored: UNPLACED, rest: keyAnswers([SITE, accepting("qwen3.7-plus")]) })
    await current()
    const asked = world.requests.length
    world.pass(60_000)
    expect(await current()).toMatchObject(SITE)
    expect(world.requests).toHaveLength(asked)
  })

  it.each<[string, StoredKey, string]>([
    ["that nobody accepts", UNPLACED, "api_key_rejected"],
    ["of another plan", { apiKey: KEY, hint: { plan: "coding-plan" } }, "api_key_misplaced"],
    ["of a form that no plan has", { apiKey: "sk-no", hint: {} }, "api_key_malformed"],
  ])("%s is an error, remembered nowhere", async (name, stored, code) => {
    const answers = name === "of another plan" ? keyAnswers([SITE, accepting("qwen3.7-plus")]) : keyAnswers()
    const { current, places, lists } = setUp({ stored, rest: answers })
    const error = await failureOf(current())
    expect(error.code).toBe(code)
    expect(error.sentence).not.toContain(KEY)
    expect([places.held.size, lists.held.size]).toEqual([0, 0])
  })
})

describe("a failure", () => {
  it("is not remembered: the next request tries again at once", async () => {
    const { current, record } = setUp({ stored: new QwenAuthError("authentication_required", "Nobody is signed in.") })
    expect((await failureOf(current())).code).toBe("authentication_required")
    record.stored = PLACED
    expect(await current()).toMatchObject(SITE)
  })

  it("of the network passes with the network", async () => {
    const answers = { now: noAnswer() }
    const { current } = setUp({ stored: UNPLACED, rest: (request) => answers.now(request) })
    expect((await failureOf(current())).code).toBe("service_unreachable")
    answers.now = keyAnswers([SITE, accepting("qwen3.7-plus")])
    expect(await current()).toMatchObject(SITE)
  })

  it("goes to all who wait for it", async () => {
    const { current, record } = setUp({ stored: new Error("auth.json is broken") })
    const outcomes = await Promise.allSettled([current(), current()])
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"])
    expect(record.reads).toBe(1)
  })
})

describe("what is to be said of an error", () => {
  const told = (error: unknown) =>
    QwenAuthError.isInstance(error) ? new QwenAuthError("api_key_malformed", `Told: ${error.message}`) : error

  it.each<[string, StoredKey | Error]>([
    ["when the key cannot be had", new QwenAuthError("authentication_required", "Nobody is signed in.")],
    ["when nobody accepts it", UNPLACED],
    ["when it is of another plan", { apiKey: KEY, hint: { plan: "coding-plan" } }],
  ])("is said to all who wait: %s", async (_, stored) => {
    const { current } = setUp({ stored, told, rest: keyAnswers([siteOf(PAY_AS_YOU_GO), accepting("a-model")]) })
    const errors = await Promise.all([failureOf(current()), failureOf(current())])
    for (const { message } of errors) expect(message).toMatch(/^Told: [^:]/)
  })

  it("is said of errors alone", async () => {
    expect(await setUp({ stored: PLACED, told }).current()).toMatchObject(SITE)
    await expect(setUp({ stored: new Error("auth.json is broken"), told }).current()).rejects.toThrow(/^auth\.json/)
  })
})

describe("what was read", () => {
  const other: StoredKey = { apiKey: "sk-12345678", site: siteOf(PAY_AS_YOU_GO) }

  it("is trusted for less than 5 seconds; then another key in its place is seen", async () => {
    const { current, world, record } = setUp({ stored: PLACED })
    await current()
    record.stored = other
    world.pass(4_999)
    expect(await current()).toMatchObject({ apiKey: KEY })
    world.pass(1)
    expect(await current()).toMatchObject({ apiKey: other.apiKey, baseUrl: siteOf(PAY_AS_YOU_GO).baseUrl })
    expect(record.reads).toBe(2)
  })

  it("is not trusted for ever when the clock was put back", async () => {
    const { current, world, record } = setUp({ stored: PLACED })
    world.pass(3_600_000)
    await current()
    record.stored = other
    world.pass(-3_600_000)
    expect(await current()).toMatchObject({ apiKey: other.apiKey })
  })

  it("is forgotten with the sign-in: a sign-out is seen", async () => {
    const { current, world, record } = setUp({ stored: PLACED })
    await current()
    record.stored = new QwenAuthError("authentication_required", "Nobody is signed in.")
    world.pass(5_000)
    expect((await failureOf(current())).code).toBe("authentication_required")
  })
})

it("never renews a key: there is nothing to renew", async () => {
  const { credentials, world } = setUp({ stored: PLACED })
  expect(await credentials.renew(credential(), {})).toMatchObject({ apiKey: KEY })
  credentials.observe(new Headers({ date: new Date(0).toUTCString() }))
  expect(world.requests).toEqual([])
})
