import {
  ACCOUNT_CHAT,
  accountRequests,
  CHAT_URL,
  keyRequests,
  POST,
  ROUTES,
  readError,
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

describe.each(ROUTES)("with %s: a streaming request that gets status 200", (_, requests) => {
  it.each([
    ["JSON", json({}), "something other than an answer"],
    ["a JSON list", text("[]", 200, { "content-type": "application/json" }), "something other than an answer"],
    [
      "a complete chat completion",
      json({ choices: [{ message: { content: "hi" } }] }),
      "something other than an answer",
    ],
    ["plain text", text("sorry", 200, { "content-type": "text/plain" }), "something other than an answer"],
    ["blank plain text", text(" ", 200, { "content-type": "text/plain" }), "an empty answer"],
    [
      "binary data",
      text("\u0000", 200, { "content-type": "application/octet-stream" }),
      "something other than an answer",
    ],
    ["no body", empty(200), "an empty answer"],
    ["204", empty(204), "an empty answer"],
    ["an event stream without a body", empty(200, SSE), "an empty answer"],
    ["an empty event stream", events(), "an empty answer"],
    ["JSON as an event stream", events('{"id":"1"}'), "something other than an answer"],
    ["an empty body without a content type", () => new Response(bodyOf()), "an empty answer"],
    ["JSON without a content type", () => new Response(bodyOf("{}")), "something other than an answer"],
  ] satisfies [string, Reply, string][])(
    "with %s is reported as a 403 that hosts do not retry",
    async (_, reply, description) => {
      const error = await readError(await requests({ replies: [reply] }).chat(STREAM))
      expect(error).toMatchObject({ status: 403, code: "unexpected_response" })
      expect(error.message).toContain(`Qwen's API sent ${description}.`)
      expect(retryWordIn(error.text)).toBeUndefined()
    },
  )

  it.each([
    ["a web page", page(200)],
    ["a web page as an event stream", events("<html><body>hello</body></html>")],
  ])("with %s is reported as a web page", async (_, reply) => {
    const error = await readError(await requests({ replies: [reply] }).chat(STREAM))
    expect(error).toMatchObject({ status: 403, code: "web_firewall" })
  })

  it.each([
    ["without a content type", () => new Response(bodyOf(TEXT, DONE))],
    ["with a charset", text(TEXT + DONE, 200, { "content-type": "Text/Event-Stream; charset=utf-8" })],
  ])("with an event stream %s is passed through", async (_, reply) => {
    const response = await requests({ replies: [reply] }).chat(STREAM)
    expect([response.status, await response.text()]).toEqual([200, TEXT + DONE])
  })

  it("with a connection that breaks before the first byte is reported as a network error", async () => {
    const broken = () => new Response(new ReadableStream({ start: (body) => body.error(new Error("read ECONNRESET")) }))
    const error = await readError(await requests({ replies: [broken] }).chat(STREAM))
    expect(error.status).toBe(503)
    expect(error.message).toContain("could not be reached (read ECONNRESET).")
  })
})

const errors: [string, object, code: string, status: number][] = [
  ["a rate limit", { error: { code: "rate_limit_exceeded", message: "Too many requests" } }, "rate_limited", 429],
  ["an unknown model", { error: { code: "model_not_found", message: "no such model" } }, "model_not_available", 404],
  ["a refusal", { error: { code: "invalid_parameter_error", message: "bad request" } }, "request_refused", 400],
  ["a refusal in DashScope's format", { code: "InvalidParameter", message: "bad request" }, "request_refused", 400],
  ["a service that is down", { error: { code: "internal_error", message: "no" } }, "service_unreachable", 500],
]

describe.each(ROUTES)("with %s: an error in a response with status 200", (_, requests) => {
  const formats = [
    ["JSON", (error: object) => json(error)],
    ["the first event of a stream", (error: object) => events(`data: ${JSON.stringify(error)}\n\n`, DONE)],
    ["DashScope's error event", (error: object) => events(`id:1\nevent:error\ndata:${JSON.stringify(error)}\n\n`)],
    ["JSON as an event stream", (error: object) => events(JSON.stringify(error))],
  ] satisfies [string, (error: object) => Reply][]
  const cases = formats.flatMap(([format, reply]) =>
    errors.map(([name, error, code, status]) => [format, name, reply(error), code, status] as const),
  )

  it.each(cases)("as %s (%s) is reported with its proper status", async (_format, _name, reply, code, status) => {
    const response = await requests({ replies: [reply] }).chat(STREAM)
    expect(await readError(response)).toMatchObject({ status, code })
  })

  it.each(errors)(
    "to a request without streaming (%s) is reported with its proper status",
    async (_name, error, code, status) => {
      const response = await requests({ replies: [json(error)] }).chat()
      expect(await readError(response)).toMatchObject({ status, code })
    },
  )

  it("is reported immediately, even if the stream continues", async () => {
    let cancelled = false
    const body = new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode('data: {"error":{"message":"no"}}\n\n')),
      cancel: () => {
        cancelled = true
      },
    })
    const { chat, platform } = requests({ replies: [() => new Response(body, { headers: SSE })] })
    expect((await readError(await chat(STREAM))).message).toContain("refused the request: HTTP 400.")
    expect([cancelled, platform.waits]).toEqual([true, []])
  })

  it("after the first event stays in the stream", async () => {
    const parts = [TEXT, 'data: {"error":{"message":"no"}}\n\n']
    const response = await requests({ replies: [() => new Response(bodyOf(...parts), { headers: SSE })] }).qwenFetch(
      CHAT_URL,
      STREAM,
    )
    expect(await response.text()).toBe(parts.join(""))
  })
})

it("reports a used-up quota with status 200 like one with 403", async () => {
  const error = { error: { message: "hour allocated quota exceeded" } }
  const [good, bad] = await Promise.all(
    [200, 403].map(async (status) => {
      const { chat } = keyRequests({ replies: [json(error, status)] })
      return readError(await chat(STREAM))
    }),
  )
  expect(good).toMatchObject({ status: 403, code: "quota_exhausted" })
  expect(good).toEqual(bad)
})

it("refreshes a token that is rejected with status 200, and sends the request once more", async () => {
  const rejected = { error: { code: "invalid_api_key", message: "invalid access token or token expired" } }
  const { chat, api } = accountRequests({ replies: [json(rejected), json(TOKENS), GOOD] })
  const response = await chat(STREAM)
  expect(response.status).toBe(200)
  expect(api().map(({ url, headers }) => [url, headers.get("authorization")])).toEqual([
    [ACCOUNT_CHAT, "Bearer access-1"],
    [ACCOUNT_CHAT, "Bearer access-2"],
  ])
})

describe("a successful stream", () => {
  it("keeps the URL of the response and can be cloned", async () => {
    const source = () =>
      Object.defineProperty(new Response(bodyOf(TEXT), { headers: SSE }), "url", { value: "https://a.test/" })
    const response = await keyRequests({ replies: [source] }).chat(STREAM)
    expect(response.url).toBe("https://a.test/")
    expect(await Promise.all([response.clone().text(), response.text()])).toEqual([TEXT, TEXT])
  })

  it("can be read with a BYOB reader", async () => {
    const response = await keyRequests({ replies: [events(TEXT, DONE)] }).chat(STREAM)
    const reader = response.body?.getReader({ mode: "byob" })
    let read = ""
    for (;;) {
      const part = await reader?.read(new Uint8Array(16))
      if (part === undefined || part.done) break
      read += new TextDecoder().decode(part.value)
    }
    expect(read).toBe(TEXT + DONE)
  })

  it("is returned with its first part, and each part arrives when it is sent", async () => {
    let stream: ReadableStreamDefaultController | undefined
    const body = new ReadableStream({
      start: (controller) => {
        stream = controller
      },
    })
    const send = (part: string) => stream?.enqueue(new TextEncoder().encode(part))
    const requests = keyRequests({ autoAdvance: false, replies: [() => new Response(body, { headers: SSE })] })
    const response = requests.chat(STREAM)
    await settle()
    send(TEXT)
    const reader = (await response).body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(TEXT)
    expect(requests.platform.openWaits()).toBe(0)
    const second = reader?.read()
    send(DONE)
    expect(new TextDecoder().decode((await second)?.value)).toBe(DONE)
  })

  it("that starts slowly is returned before its first part", async () => {
    const endless = () => new Response(new ReadableStream({ start() {} }), { headers: SSE })
    const { chat, platform } = keyRequests({ replies: [endless] })
    expect((await chat(STREAM)).status).toBe(200)
    expect(platform.waits).toEqual([3_000])
  })

  it("that the caller aborts before its first part fails with the abort reason", async () => {
    const controller = new AbortController()
    const silent: Reply = ({ signal }) => {
      const body = new ReadableStream({
        start: (stream) => signal?.addEventListener("abort", () => stream.error(signal.reason), { once: true }),
      })
      queueMicrotask(() => controller.abort(new Error("the user pressed Escape")))
      return new Response(body, { headers: SSE })
    }
    const { chat } = keyRequests({ replies: [silent] })
    await expect(chat({ ...STREAM, signal: controller.signal })).rejects.toThrow("pressed Escape")
  })
})

describe.each(ROUTES)("with %s: a conversation", (_, requests) => {
  const read = async (response: Promise<Response>) => (await response).text()

  it("gets a message instead of a fourth request after three unusable responses", async () => {
    const { chat, platform } = requests({ replies: [UNUSABLE, UNUSABLE, UNUSABLE, GOOD] })
    for (let count = 0; count < 3; count++) expect(await read(chat(STREAM))).toBe(TEXT + DONE)
    const error = await readError(await chat(STREAM))
    expect(error).toMatchObject({ status: 403, code: "unexpected_response" })
    expect(error.message).toContain("this request was not sent")
    expect(platform.requests).toHaveLength(3)
    // The user sends another message.
    expect((await chat(STREAM)).status).toBe(200)
  })

  it("continues after a good response", async () => {
    const { chat, platform } = requests({ replies: [UNUSABLE, UNUSABLE, GOOD, UNUSABLE, UNUSABLE, GOOD] })
    for (let count = 0; count < 6; count++) await read(chat(STREAM))
    expect(platform.requests).toHaveLength(6)
  })

  it("with sixty tool calls is never interrupted", async () => {
    const call = chunk({ tool_calls: [{ index: 0, id: "call_1", function: { name: "read", arguments: "{}" } }] })
    const replies = Array.from({ length: 60 }, () => events(call, chunk({}, "tool_calls"), DONE))
    const { chat, platform } = requests({ replies })
    for (let count = 0; count < 60; count++) await read(chat(STREAM))
    expect(platform.requests).toHaveLength(60)
  })

  it("ignores responses that the user cancels", async () => {
    const { chat, platform } = requests({ replies: [UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE] })
    for (let count = 0; count < 4; count++) await (await chat(STREAM)).body?.cancel()
    expect(platform.requests).toHaveLength(4)
  })

  it("ignores requests without a response", async () => {
    const { chat, platform } = requests({
      replies: [networkError(), networkError(), networkError(), networkError()],
    })
    for (let count = 0; count < 4; count++) await read(chat(STREAM))
    expect(platform.requests).toHaveLength(4)
  })
})
