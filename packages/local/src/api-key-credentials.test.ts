import { type ApiEndpoint, QwenAuthError } from "qwen-auth-core"
import { CODING_PLAN, PAY_AS_YOU_GO, TOKEN_PLAN } from "qwen-auth-core/internal"
import { failureOf } from "qwen-auth-testing/failure-of"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { gate, settle } from "qwen-auth-testing/gate"
import { accepting, endpointOf, endpointReplies } from "qwen-auth-testing/key-endpoints"
import { memoryEndpoints, memoryLists } from "qwen-auth-testing/memory-caches"
import { after, networkError } from "qwen-auth-testing/replies"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { keyCredentials } from "./api-key-credentials.ts"
import type { StoredKey } from "./stored-key.ts"

const KEY = "sk-sp-key-of-the-test"
const ENDPOINT = endpointOf(TOKEN_PLAN, 1)
const WITH_ENDPOINT: StoredKey = { apiKey: KEY, endpoint: ENDPOINT }
const WITHOUT_ENDPOINT: StoredKey = { apiKey: KEY, hint: {} }

interface SetUp extends FakePlatformOptions {
  /** The stored key, or the error of reading it. A test may replace it. */
  readonly stored: StoredKey | Error
  readonly known?: Readonly<Record<string, ApiEndpoint>>
  readonly agent?: string
  readonly describeError?: ((error: unknown) => unknown) | undefined
}

function setUp({ stored, known = {}, agent, describeError, ...options }: SetUp) {
  const platform = fakePlatform({ autoAdvance: false, ...options })
  const record = { stored, reads: 0 }
  const lists = memoryLists()
  const cachedEndpoints = memoryEndpoints(known)
  const credentials = keyCredentials({
    platform,
    lists,
    endpoints: cachedEndpoints,
    hostUserAgent: async () => agent,
    describeError,
    stored: async () => {
      record.reads++
      if (record.stored instanceof Error) throw record.stored
      return record.stored
    },
  })
  return { platform, record, lists, cachedEndpoints, credentials, current: () => credentials.getCredential({}) }
}

it("the host's name is sent to the Coding Plan while a key's endpoint is detected", async () => {
  const endpoint = endpointOf(CODING_PLAN, 1)
  const { current, platform } = setUp({
    stored: WITHOUT_ENDPOINT,
    agent: "opencode/1.18.33",
    rest: endpointReplies([endpoint, accepting()]),
  })
  expect(await current()).toEqual({ type: "api_key", apiKey: KEY, ...endpoint })
  const chats = platform.requests.filter(({ url }) => url.endsWith("/chat/completions"))
  expect(chats.map(({ headers }) => headers.get("user-agent"))).toEqual(["opencode/1.18.33", "opencode/1.18.33"])
})

describe("a key with a known endpoint", () => {
  it("that is stored is used without a request", async () => {
    const { current, platform } = setUp({ stored: WITH_ENDPOINT })
    expect(await current()).toEqual({ type: "api_key", apiKey: KEY, ...ENDPOINT })
    expect(platform.requests).toEqual([])
  })

  it("that an earlier start cached is used without a request", async () => {
    const { current, platform } = setUp({ stored: WITHOUT_ENDPOINT, known: { [KEY]: ENDPOINT } })
    expect(await current()).toEqual({ type: "api_key", apiKey: KEY, ...ENDPOINT })
    expect(platform.requests).toEqual([])
  })

  it("that is stored takes precedence over the cache", async () => {
    const { current } = setUp({ stored: WITH_ENDPOINT, known: { [KEY]: endpointOf(CODING_PLAN) } })
    expect(await current()).toMatchObject(ENDPOINT)
  })
})

describe("a key with an unknown endpoint", () => {
  it("is resolved at the first request, and its endpoint and models are cached", async () => {
    const { current, cachedEndpoints, lists } = setUp({
      stored: WITHOUT_ENDPOINT,
      rest: endpointReplies([ENDPOINT, accepting("qwen3.7-plus")]),
    })
    expect(await current()).toEqual({ type: "api_key", apiKey: KEY, ...ENDPOINT })
    expect(cachedEndpoints.entries.get(KEY)).toMatchObject(ENDPOINT)
    expect(lists.entries.get(ENDPOINT.baseUrl)).toEqual(["qwen3.7-plus"])
  })

  it("is probed only at the endpoints that match the hint", async () => {
    const stored = { apiKey: KEY, hint: { plan: "token-plan" as const } }
    const { current, platform } = setUp({ stored, rest: endpointReplies([ENDPOINT, accepting("qwen3.7-plus")]) })
    await current()
    expect(platform.requests.map(({ url }) => url).sort()).toEqual(
      TOKEN_PLAN.endpoints.map(({ baseUrl }) => `${baseUrl}/models`).sort(),
    )
  })

  it("is resolved once for overlapping requests", async () => {
    const answered = gate()
    const rest = after(answered.promise, endpointReplies([ENDPOINT, accepting("qwen3.7-plus")]))
    const { current, platform, record } = setUp({ stored: WITHOUT_ENDPOINT, rest })
    const both = Promise.all([current(), current()])
    await settle()
    const sent = platform.requests.length
    expect(sent).toBeGreaterThan(0)
    const third = current()
    answered.open()
    const [one, two] = await both
    expect(two).toBe(one)
    expect(await third).toBe(one)
    expect(platform.requests).toHaveLength(sent)
    expect(record.reads).toBe(1)
  })

  it("is resolved once, however long that takes", async () => {
    const answered = gate()
    const rest = after(answered.promise, endpointReplies([ENDPOINT, accepting("qwen3.7-plus")]))
    const { current, platform } = setUp({ stored: WITHOUT_ENDPOINT, rest })
    const first = current()
    await settle()
    const sent = platform.requests.length
    platform.pass(6_000)
    const second = current()
    await settle()
    answered.open()
    expect(await second).toEqual(await first)
    expect(platform.requests).toHaveLength(sent)
  })

  it("is not resolved again by later requests", async () => {
    const { current, platform } = setUp({
      stored: WITHOUT_ENDPOINT,
      rest: endpointReplies([ENDPOINT, accepting("qwen3.7-plus")]),
    })
    await current()
    const sent = platform.requests.length
    platform.pass(60_000)
    expect(await current()).toMatchObject(ENDPOINT)
    expect(platform.requests).toHaveLength(sent)
  })

  it.each<[string, StoredKey, string]>([
    ["that no endpoint accepts", WITHOUT_ENDPOINT, "api_key_rejected"],
    ["of another plan", { apiKey: KEY, hint: { plan: "coding-plan" } }, "api_key_wrong_plan"],
    ["of an unknown form", { apiKey: "sk-no", hint: {} }, "api_key_malformed"],
  ])("%s is an error and is not cached", async (name, stored, code) => {
    const answers =
      name === "of another plan" ? endpointReplies([ENDPOINT, accepting("qwen3.7-plus")]) : endpointReplies()
    const { current, cachedEndpoints, lists } = setUp({ stored, rest: answers })
    const error = await failureOf(current())
    expect(error.code).toBe(code)
    expect(error.sentence).not.toContain(KEY)
    expect([cachedEndpoints.entries.size, lists.entries.size]).toEqual([0, 0])
  })
})

describe("a failure", () => {
  it("is not cached: the next request tries again immediately", async () => {
    const { current, record } = setUp({ stored: new QwenAuthError("authentication_required", "Nobody is signed in.") })
    expect((await failureOf(current())).code).toBe("authentication_required")
    record.stored = WITH_ENDPOINT
    expect(await current()).toMatchObject(ENDPOINT)
  })

  it("of the network ends when the network works again", async () => {
    const answers = { now: networkError() }
    const { current } = setUp({ stored: WITHOUT_ENDPOINT, rest: (request) => answers.now(request) })
    expect((await failureOf(current())).code).toBe("service_unreachable")
    answers.now = endpointReplies([ENDPOINT, accepting("qwen3.7-plus")])
    expect(await current()).toMatchObject(ENDPOINT)
  })

  it("is returned to all waiting requests", async () => {
    const { current, record } = setUp({ stored: new Error("auth.json is broken") })
    const outcomes = await Promise.allSettled([current(), current()])
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"])
    expect(record.reads).toBe(1)
  })
})

describe("describeError", () => {
  const describeError = (error: unknown) =>
    QwenAuthError.isInstance(error) ? new QwenAuthError("api_key_malformed", `Told: ${error.message}`) : error

  it.each<[string, StoredKey | Error]>([
    ["when the key cannot be read", new QwenAuthError("authentication_required", "Nobody is signed in.")],
    ["when no endpoint accepts it", WITHOUT_ENDPOINT],
    ["when it belongs to another plan", { apiKey: KEY, hint: { plan: "coding-plan" } }],
  ])("describes the error for all waiting requests: %s", async (_, stored) => {
    const { current } = setUp({
      stored,
      describeError,
      rest: endpointReplies([endpointOf(PAY_AS_YOU_GO), accepting("a-model")]),
    })
    const errors = await Promise.all([failureOf(current()), failureOf(current())])
    for (const { message } of errors) expect(message).toMatch(/^Told: [^:]/)
  })

  it("is called for errors only", async () => {
    expect(await setUp({ stored: WITH_ENDPOINT, describeError }).current()).toMatchObject(ENDPOINT)
    await expect(setUp({ stored: new Error("auth.json is broken"), describeError }).current()).rejects.toThrow(
      /^auth\.json/,
    )
  })
})

describe("the cached credential", () => {
  const other: StoredKey = { apiKey: "sk-12345678", endpoint: endpointOf(PAY_AS_YOU_GO) }

  it("is used for less than 5 seconds; then a new key is read", async () => {
    const { current, platform, record } = setUp({ stored: WITH_ENDPOINT })
    await current()
    record.stored = other
    platform.pass(4_999)
    expect(await current()).toMatchObject({ apiKey: KEY })
    platform.pass(1)
    expect(await current()).toMatchObject({ apiKey: other.apiKey, baseUrl: endpointOf(PAY_AS_YOU_GO).baseUrl })
    expect(record.reads).toBe(2)
  })

  it("is not used forever after the clock was set back", async () => {
    const { current, platform, record } = setUp({ stored: WITH_ENDPOINT })
    platform.pass(3_600_000)
    await current()
    record.stored = other
    platform.pass(-3_600_000)
    expect(await current()).toMatchObject({ apiKey: other.apiKey })
  })

  it("is not used after a sign-out for longer than that", async () => {
    const { current, platform, record } = setUp({ stored: WITH_ENDPOINT })
    await current()
    record.stored = new QwenAuthError("authentication_required", "Nobody is signed in.")
    platform.pass(5_000)
    expect((await failureOf(current())).code).toBe("authentication_required")
  })
})

it("is not sent to the service for a refresh", async () => {
  const { credentials, platform } = setUp({ stored: WITH_ENDPOINT })
  expect(await credentials.refresh(credential(), {})).toMatchObject({ apiKey: KEY })
  credentials.syncClock(new Headers({ date: new Date(0).toUTCString() }))
  expect(platform.requests).toEqual([])
})
