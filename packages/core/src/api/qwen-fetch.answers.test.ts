import {
  ACCOUNT_CHAT,
  accountRequests,
  CHAT_URL,
  keyRequests,
  POST,
  readResponse,
} from "qwen-auth-testing/chat-requests"
import type { Reply } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { empty, json, networkError, page, text } from "qwen-auth-testing/replies"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { TOKENS } from "qwen-auth-testing/samples"
import { bodyOf, chunk, DONE, events } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"

const STREAM = {
  ...POST,
  body: JSON.stringify({ model: "qwen3-coder-plus", stream: true, messages: [{ role: "user", content: "hello" }] }),
}
const TEXT = chunk({ role: "assistant", content: "hi" })
const GOOD = events(TEXT, chunk({}, "stop"), DONE)
const UNUSABLE = events(TEXT, DONE)
const SSE = { "content-type": "text/event-stream" }

const routes = [
  ["a Qwen account", (...replies: Reply[]) => accountRequests({ replies })],
  ["an API key", (...replies: Reply[]) => keyRequests({ replies })],
] satisfies [string, unknown][]

describe.each(routes)("with %s: a request for a stream that is answered 200", (_, requests) => {
  it.each([
    ["JSON", json({}), "something other than an answer"],
    ["a JSON list", text("[]", 200, { "content-type": "application/json" }), "something other than an answer"],
    ["a whole chat answer", json({ choices: [{ message: { content: "hi" } }] }), "something other than an answer"],
    ["plain text", text("sorry", 200, { "content-type": "text/plain" }), "something other than an answer"],
    ["plain text without a word", text(" ", 200, { "content-type": "text/plain" }), "an empty answer"],
    ["a binary", text("\u0000", 200, { "content-type": "application/octet-stream" }), "something other than an answer"],
    ["no body", empty(200), "an empty answer"],
    ["no body, as 204", empty(204), "an empty answer"],
    ["no body in an event stream", empty(200, SSE), "an empty answer"],
    ["an event stream that is empty", events(), "an empty answer"],
    ["an event stream that is JSON", events('{"id":"1"}'), "something other than an answer"],
    ["nothing at all", () => new Response(bodyOf()), "an empty answer"],
    ["JSON without a content type", () => new Response(bodyOf("{}")), "something other than an answer"],
  ] satisfies [string, Reply, string][])(
    "with %s is a 403 in words that no host tries again for",
    async (_, reply, words) => {
      const { status, body, text } = await readResponse(await requests(reply).qwenFetch(CHAT_URL, STREAM))
      expect([status, body]).toMatchObject([403, { error: { code: "unexpected_response" } }])
      expect(text).toContain(`Qwen's API sent ${words}.`)
      expect(retryWordIn(text)).toBeUndefined()
    },
  )

  it.each([
    ["a page", page(200)],
    ["a page in an event stream", events("<html><body>hello</body></html>")],
  ])("with %s is told to be a page", async (_, reply) => {
    const { status, body } = await readResponse(await requests(reply).qwenFetch(CHAT_URL, STREAM))
    expect([status, body]).toMatchObject([403, { error: { code: "web_firewall" } }])
  })

  it.each([
    ["without a content type", () => new Response(bodyOf(TEXT, DONE))],
    ["with a charset", text(TEXT + DONE, 200, { "content-type": "Text/Event-Stream; charset=utf-8" })],
  ])("with an event stream %s is passed on", async (_, reply) => {
    const response = await requests(reply).qwenFetch(CHAT_URL, STREAM)
    expect([response.status, await response.text()]).toEqual([200, TEXT + DONE])
  })

  it("with a connection that breaks before the first byte got no answer", async () => {
    const broken = () => new Response(new ReadableStream({ start: (body) => body.error(new Error("read ECONNRESET")) }))
    const { status, text } = await readResponse(await requests(broken).qwenFetch(CHAT_URL, STREAM))
    expect(status).toBe(503)
    expect(text).toContain("could not be reached (read ECONNRESET).")
  })
})

const errors: [string, object, code: string, status: number][] = [
  ["a rate limit", { error: { code: "rate_limit_exceeded", message: "Too many requests" } }, "rate_limited", 429],
  ["an unknown model", { error: { code: "model_not_found", message: "no such model" } }, "model_not_available", 404],
  ["a refusal", { error: { code: "invalid_parameter_error", message: "bad request" } }, "request_refused", 400],
  ["a refusal in DashScope's form", { code: "InvalidParameter", message: "bad request" }, "request_refused", 400],
  ["a service that is down", { error: { code: "internal_error", message: "no" } }, "service_unreachable", 500],
]

describe.each(routes)("with %s: an error inside a 200", (_, requests) => {
  const forms = [
    ["JSON", (error: object) => json(error)],
    ["the first event of a stream", (error: object) => events(`data: ${JSON.stringify(error)}\n\n`, DONE)],
    ["DashScope's error event", (error: object) => events(`id:1\nevent:error\ndata:${JSON.stringify(error)}\n\n`)],
    ["JSON that is called an event stream", (error: object) => events(JSON.stringify(error))],
  ] satisfies [string, (error: object) => Reply][]
  const cases = forms.flatMap(([form, made]) =>
    errors.map(([name, error, code, status]) => [form, name, made(error), code, status] as const),
  )

  it.each(cases)("as %s, %s, is told as with its right status", async (_form, _name, reply, code, status) => {
    const answered = await readResponse(await requests(reply).qwenFetch(CHAT_URL, STREAM))
    expect([answered.status, answered.body]).toMatchObject([status, { error: { code } }])
  })

  it.each(errors)("that a request without a stream gets, %s, is told, too", async (_name, error, code, status) => {
    const answered = await readResponse(await requests(json(error)).qwenFetch(CHAT_URL, POST))
    expect([answered.status, answered.body]).toMatchObject([status, { error: { code } }])
  })

  it("is reported immediately, whatever follows", async () => {
    let cancelled = false
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode('data: {"error":{"message":"no"}}\n\n')),
      cancel: () => {
        cancelled = true
      },
    })
    const { qwenFetch, platform } = requests(() => new Response(body, { headers: SSE }))
    expect((await readResponse(await qwenFetch(CHAT_URL, STREAM))).text).toContain("refused the request: HTTP 400.")
    expect([cancelled, platform.waits]).toEqual([true, []])
  })

  it("that comes later is left in the stream", async () => {
    const parts = [TEXT, 'data: {"error":{"message":"no"}}\n\n']
    const response = await requests(() => new Response(bodyOf(...parts), { headers: SSE })).qwenFetch(CHAT_URL, STREAM)
    expect(await response.text()).toBe(parts.join(""))
  })
})

it("a used-up quota is reported for status 200 as for 403", async () => {
  const error = { error: { message: "hour allocated quota exceeded" } }
  const [good, bad] = await Promise.all(
    [200, 403].map(async (status) => {
      const { qwenFetch } = keyRequests({ replies: [json(error, status)] })
      return readResponse(await qwenFetch(CHAT_URL, STREAM))
    }),
  )
  expect(good).toMatchObject({ status: 403, body: { error: { code: "quota_exhausted" } } })
  expect(good).toEqual(bad)
})

it("a token that is rejected with status 200 is refreshed and the request is sent once more", async () => {
  const rejected = { error: { code: "invalid_api_key", message: "invalid access token or token expired" } }
  const { qwenFetch, api } = accountRequests({ replies: [json(rejected), json(TOKENS), GOOD] })
  const response = await qwenFetch(CHAT_URL, STREAM)
  expect(response.status).toBe(200)
  expect(api().map(({ url, headers }) => [url, headers.get("authorization")])).toEqual([
    [ACCOUNT_CHAT, "Bearer access-1"],
    [ACCOUNT_CHAT, "Bearer access-2"],
  ])
})

describe("a good stream", () => {
  it("keeps the answer's address and can be cloned", async () => {
    const source = () =>
      Object.defineProperty(new Response(bodyOf(TEXT), { headers: SSE }), "url", { value: "https://a.test/" })
    const response = await keyRequests({ replies: [source] }).qwenFetch(CHAT_URL, STREAM)
    expect(response.url).toBe("https://a.test/")
    expect(await Promise.all([response.clone().text(), response.text()])).toEqual([TEXT, TEXT])
  })

  it("gives a reader that brings its own buffers the same bytes", async () => {
    const response = await keyRequests({ replies: [events(TEXT, DONE)] }).qwenFetch(CHAT_URL, STREAM)
    const reader = response.body?.getReader({ mode: "byob" })
    let read = ""
    for (;;) {
      const part = await reader?.read(new Uint8Array(16))
      if (part === undefined || part.done) break
      read += new TextDecoder().decode(part.value)
    }
    expect(read).toBe(TEXT + DONE)
  })

  it("is there with its first part, and each part comes when it is sent", async () => {
    let stream: ReadableStreamDefaultController | undefined
    const body = new ReadableStream({
      start: (given) => {
        stream = given
      },
    })
    const send = (part: string) => stream?.enqueue(new TextEncoder().encode(part))
    const incoming = keyRequests({ autoAdvance: false, replies: [() => new Response(body, { headers: SSE })] })
    const answered = incoming.qwenFetch(CHAT_URL, STREAM)
    await settle()
    send(TEXT)
    const reader = (await answered).body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(TEXT)
    expect(incoming.platform.openWaits()).toBe(0)
    const second = reader?.read()
    send(DONE)
    expect(new TextDecoder().decode((await second)?.value)).toBe(DONE)
  })

  it("that is slow to begin is handed over before it does", async () => {
    const endless = () => new Response(new ReadableStream({ start() {} }), { headers: SSE })
    const { qwenFetch, platform } = keyRequests({ replies: [endless] })
    expect((await qwenFetch(CHAT_URL, STREAM)).status).toBe(200)
    expect(platform.waits).toEqual([3_000])
  })

  it("that the caller gives up before it begins is the caller's own reason", async () => {
    const controller = new AbortController()
    const silent: Reply = ({ signal }) => {
      const body = new ReadableStream({
        start: (stream) => signal?.addEventListener("abort", () => stream.error(signal.reason), { once: true }),
      })
      queueMicrotask(() => controller.abort(new Error("the person pressed Escape")))
      return new Response(body, { headers: SSE })
    }
    const { qwenFetch } = keyRequests({ replies: [silent] })
    await expect(qwenFetch(CHAT_URL, { ...STREAM, signal: controller.signal })).rejects.toThrow("pressed Escape")
  })
})

describe.each(routes)("with %s: a conversation", (_, requests) => {
  const read = async (answer: Promise<Response>) => (await answer).text()

  it("whose last three answers were unusable is told so in the fourth request, which is not sent", async () => {
    const { qwenFetch, platform } = requests(UNUSABLE, UNUSABLE, UNUSABLE, GOOD)
    for (let count = 0; count < 3; count++) expect(await read(qwenFetch(CHAT_URL, STREAM))).toBe(TEXT + DONE)
    const { status, body, text } = await readResponse(await qwenFetch(CHAT_URL, STREAM))
    expect([status, body]).toMatchObject([403, { error: { code: "unexpected_response" } }])
    expect(text).toContain("this request was not sent")
    expect(platform.requests).toHaveLength(3)
    // The person asks once more.
    expect((await qwenFetch(CHAT_URL, STREAM)).status).toBe(200)
  })

  it("goes on after a good answer", async () => {
    const { qwenFetch, platform } = requests(UNUSABLE, UNUSABLE, GOOD, UNUSABLE, UNUSABLE, GOOD)
    for (let count = 0; count < 6; count++) await read(qwenFetch(CHAT_URL, STREAM))
    expect(platform.requests).toHaveLength(6)
  })

  it("of sixty requests with tool calls is never disturbed", async () => {
    const call = chunk({ tool_calls: [{ index: 0, id: "call_1", function: { name: "read", arguments: "{}" } }] })
    const answers = Array.from({ length: 60 }, () => events(call, chunk({}, "tool_calls"), DONE))
    const { qwenFetch, platform } = requests(...answers)
    for (let count = 0; count < 60; count++) await read(qwenFetch(CHAT_URL, STREAM))
    expect(platform.requests).toHaveLength(60)
  })

  it("is not counted for answers that the person cancels", async () => {
    const { qwenFetch, platform } = requests(UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE)
    for (let count = 0; count < 4; count++) await (await qwenFetch(CHAT_URL, STREAM)).body?.cancel()
    expect(platform.requests).toHaveLength(4)
  })

  it("is not counted for requests that get no answer", async () => {
    const { qwenFetch, platform } = requests(networkError(), networkError(), networkError(), networkError())
    for (let count = 0; count < 4; count++) await read(qwenFetch(CHAT_URL, STREAM))
    expect(platform.requests).toHaveLength(4)
  })
})
