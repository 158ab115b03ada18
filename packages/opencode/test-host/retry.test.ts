import { gate, settle } from "qwen-auth-testing/gate"
import { describe, expect, test } from "vitest"
import { fakeClock, START } from "./clock.ts"
import { HEADER_LIMIT_MS } from "./exchange.ts"
import { bodyOf, brokenStream, CODER, hooks, refusal, replies, signedIn, stream } from "./plugin-fixture.ts"

const failing = (reply: () => Response) => signedIn(() => {}, { fetch: async () => reply() })

test.each<[number, object, string, number]>([
  [400, { message: "The prompt is too long." }, "overflow", 3],
  [422, { message: "too many tokens" }, "overflow", 3],
  [400, { message: "input exceeds the limit of 983616" }, "overflow", 3],
  [500, { message: "prompt is too long" }, "internal", 5],
  [413, { message: "too big" }, "request", 1],
  [500, { message: "Request too large" }, "request", 1],
  [400, { message: "blocked by content policy" }, "policy", 1],
  [500, { message: "safety" }, "policy", 1],
  [429, { code: "insufficient_quota", message: "used up" }, "quota", 1],
  [429, { message: "Quota exceeded" }, "quota", 1],
  [500, { message: "quota exceeded" }, "internal", 5],
  [401, { message: "rate limit" }, "auth", 1],
  [403, { message: "no" }, "auth", 1],
  [400, { message: "Too many requests" }, "rate-limit", 5],
  [400, { code: "resource_exhausted", message: "x" }, "internal", 5],
  [404, { code: "Unavailable", message: "x" }, "internal", 5],
  [429, { message: "slow down" }, "rate-limit", 5],
  [408, { message: "x" }, "internal", 5],
  [409, { message: "x" }, "internal", 5],
  [503, { message: "x" }, "internal", 5],
  [404, { message: "x" }, "request", 1],
  [418, { message: "x" }, "unknown", 5],
])("HTTP %i with %j is %s and sent %i times", async (status, error, type, times) => {
  const { host } = await failing(() => refusal(status, error))
  expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({ type, status })
  // An overflow: the prompt, the compaction, and no third time for the compaction's own overflow.
  expect(host.requests).toHaveLength(type === "overflow" ? 2 : times)
})

test.each<[string, string, string]>([
  ["error.message", '{"error":{"message":"our message"}}', "our message"],
  ["message", '{"message":"our message"}', "our message"],
  ["neither", '{"detail":"x"}', "Provider request failed with HTTP 403"],
  ["HTML", "<html>", "Provider request failed with HTTP 403"],
  ["nothing", "", "Provider request failed with HTTP 403"],
])("a body with %s is shown as such", async (_, body, message) => {
  const { host } = await failing(() => new Response(body, { status: 403 }))
  expect((await host.prompt("s", "hi", CODER)).error?.message).toBe(message)
})

test("retries wait 2, 4, 8 and 16 s", async () => {
  const { host, clock } = await failing(() => refusal(500, { message: "down" }))
  await host.prompt("s", "hi", CODER)
  expect(clock.pauses).toEqual([2000, 4000, 8000, 16_000])
})

test.each<[Record<string, string>, number]>([
  [{ "retry-after": "7" }, 7000],
  [{ "retry-after": "1" }, 2000],
  [{ "retry-after-ms": "2500" }, 2500],
  [{ "retry-after": new Date(START + 30_000).toUTCString() }, 30_000],
  [{ "retry-after": "86400" }, 900_000],
])("a retry waits at least what %j asks for", async (headers, ms) => {
  const fetch = replies(
    () => refusal(429, { message: "slow down" }, headers),
    () => stream("hello"),
  )
  const { host, clock } = await signedIn(() => {}, { fetch })
  expect((await host.prompt("s", "hi", CODER)).text).toBe("hello")
  expect(clock.pauses).toEqual([ms])
})

test.each([
  ["false", 500, 1],
  ["true", 403, 5],
])("x-should-retry: %s decides over all", async (value, status, times) => {
  const { host } = await failing(() => refusal(status, { message: "x" }, { "x-should-retry": value }))
  await host.prompt("s", "hi", CODER)
  expect(host.requests).toHaveLength(times)
})

describe("a stream", () => {
  test("without a finish_reason is broken off and tried five times", async () => {
    const { host } = await failing(() => new Response("<html>firewall</html>"))
    expect((await host.prompt("s", "hi", CODER)).error?.type).toBe("broken-off")
    expect(host.requests).toHaveLength(5)
  })

  test("is not retried after text has arrived", async () => {
    const { host } = await failing(() => brokenStream("half"))
    expect(await host.prompt("s", "hi", CODER)).toMatchObject({ text: "half", error: { type: "broken-off" } })
    expect(host.requests).toHaveLength(1)
  })

  test("whose connection breaks is broken off", async () => {
    const body = () =>
      new ReadableStream({
        pull: (controller) => controller.error(new Error("reset")),
      })
    const fetch = replies(
      () => new Response(body()),
      () => stream("hello"),
    )
    const { host } = await signedIn(() => {}, { fetch })
    expect((await host.prompt("s", "hi", CODER)).text).toBe("hello")
  })

  test("with an error inside is shown", async () => {
    const { host } = await failing(() => new Response('data: {"error":{"message":"content policy"}}\n\n'))
    expect((await host.prompt("s", "hi", CODER)).error).toMatchObject({ type: "policy", message: "content policy" })
  })
})

test("a connection that fails is retried", async () => {
  const fetch = replies(
    () => Promise.reject(new TypeError("fetch failed")),
    () => stream("hello"),
  )
  const { host } = await signedIn(() => {}, { fetch })
  expect((await host.prompt("s", "hi", CODER)).text).toBe("hello")
  expect(host.requests).toHaveLength(2)
})

test("an overflow starts a compaction, and the prompt is sent again", async () => {
  const fetch = replies(
    () => stream("first answer"),
    () => refusal(400, { message: "prompt is too long" }),
    () => stream("short"),
    () => stream("hello"),
  )
  const { host } = await signedIn(() => {}, { fetch })
  await host.prompt("s", "first", CODER)
  expect(await host.prompt("s", "second", CODER)).toMatchObject({ text: "hello", compactions: 1, error: undefined })
  expect(bodyOf(host, 2)["messages"]).toHaveLength(4)
  expect(JSON.stringify(bodyOf(host, 3)["messages"])).toMatch(/Summary: short.*second/)
})

test.each([
  ["http.request", 1],
  ["fetch", 1],
  ["http.response", 1],
])("the limit for headers is five minutes, %s included, and then the request is retried", async (slow, retries) => {
  const reached = gate()
  let calls = 0
  const wait = async () => {
    if (++calls > 1) return
    reached.open()
    await new Promise(() => {})
  }
  const setup = slow === "fetch" ? () => {} : hooks([slow, wait])
  const { host, clock } = await signedIn(setup, {
    async fetch() {
      if (slow === "fetch") await wait()
      return stream("hello")
    },
  })
  const result = host.prompt("s", "hi", CODER)
  await reached.promise
  clock.advance(HEADER_LIMIT_MS - 1)
  await settle()
  expect(clock.pauses).toEqual([])
  clock.advance(1)
  expect((await result).text).toBe("hello")
  expect([calls, clock.pauses.length, clock.open()]).toEqual([1 + retries, retries, 0])
})

test("an interruption ends the wait for a retry", async () => {
  const clock = fakeClock("held")
  const interrupt = new AbortController()
  const { host } = await signedIn(() => {}, { clock, fetch: async () => refusal(500, { message: "down" }) })
  const result = host.prompt("s", "hi", { ...CODER, signal: interrupt.signal })
  await settle()
  expect(clock.open()).toBe(1)
  interrupt.abort()
  expect((await result).error?.type).toBe("interrupted")
  expect([host.requests.length, clock.open()]).toEqual([1, 0])
})

test("a retry hook sees error and attempt, and its decision applies", async () => {
  const seen: unknown[] = []
  const setup = hooks([
    "retry",
    (event) => {
      seen.push([event.attempt, event.error])
      if (event.attempt === 2) event.decision = { retry: false, delayMs: 0 }
    },
  ])
  const { host } = await signedIn(setup, { fetch: async () => refusal(500, { message: "down" }) })
  await host.prompt("s", "hi", CODER)
  const error = { type: "internal", message: "down" }
  expect(seen).toEqual([
    [1, error],
    [2, error],
  ])
  expect(host.requests).toHaveLength(2)
})

test("the credential is resolved for every attempt", async () => {
  const fetch = replies(
    () => refusal(500, { message: "down" }),
    () => stream("hello"),
  )
  const setup = hooks([
    "http.response",
    async () => {
      if (host.credentials().length === 1) await host.connect("alibaba", "key", undefined, { key: "sk-second" })
    },
  ])
  const { host } = await signedIn(setup, { fetch })
  await host.prompt("s", "hi", CODER)
  expect(host.requests.map(({ headers }) => headers.get("authorization"))).toEqual([
    "Bearer sk-test",
    "Bearer sk-second",
  ])
})
