import { describe, expect, it } from "vitest"
import { askedRequest, prepareBody } from "./asked-request.ts"

const URL_TEXT = "https://api.test/v1/chat/completions"
const CHAT = { model: "qwen3-coder-plus", messages: [{ role: "user", content: "hello" }] }
const BODY = JSON.stringify(CHAT)

function streamOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })
}

const asText = async (body: RequestInit["body"] | undefined) => new Response(body ?? null).text()

describe("what the caller asked for", () => {
  it.each([
    ["a text", URL_TEXT],
    ["a URL", new URL(URL_TEXT)],
  ])("is read from %s and options", async (_, input) => {
    const { signal } = new AbortController()
    const asked = await askedRequest(input, { method: "POST", headers: { accept: "x/y" }, body: BODY, signal })
    expect(asked.url.href).toBe(URL_TEXT)
    expect(asked.signal).toBe(signal)
    expect(asked.headers).toEqual({ accept: "x/y" })
    expect(asked.init).toMatchObject({ method: "POST", body: BODY })
  })

  it("is a GET without anything when nothing else is said", async () => {
    const asked = await askedRequest("https://api.test/v1/models")
    expect(asked.init).toEqual({ method: "GET" })
    expect(asked.signal).toBeUndefined()
  })

  it("is read from a Request", async () => {
    const controller = new AbortController()
    const request = new Request(URL_TEXT, {
      method: "POST",
      headers: { accept: "x/y" },
      body: BODY,
      signal: controller.signal,
    })
    const asked = await askedRequest(request)
    expect(asked.url.href).toBe(URL_TEXT)
    expect(asked.init.method).toBe("POST")
    expect(new Headers(asked.headers).get("accept")).toBe("x/y")
    expect(await asText(asked.init.body)).toBe(BODY)
    controller.abort()
    expect(asked.signal?.aborted).toBe(true)
  })

  it("is read from options before the Request", async () => {
    const request = new Request(URL_TEXT, { method: "POST", headers: { accept: "x/y" }, body: "old" })
    const asked = await askedRequest(request, { method: "PUT", headers: { accept: "y/z" }, body: "new" })
    expect(asked.init).toMatchObject({ method: "PUT", body: "new" })
    expect(new Headers(asked.headers).get("accept")).toBe("y/z")
  })

  it("has a streamed body read, so that it can be sent twice", async () => {
    const asked = await askedRequest(URL_TEXT, { method: "POST", body: streamOf(BODY) })
    expect(await asText(asked.init.body)).toBe(BODY)
    expect(await asText(asked.init.body)).toBe(BODY)
  })
})

describe("a body ready to send", () => {
  it.each([
    ["a text", BODY],
    ["bytes", new TextEncoder().encode(BODY)],
    ["a stream", streamOf(BODY)],
  ])("follows the body rules when it came as %s, and names the model that was asked for", async (_, body) => {
    const prepared = prepareBody(await askedRequest(URL_TEXT, { method: "POST", body }))
    expect(prepared.model).toBe("qwen3-coder-plus")
    expect(JSON.parse(await asText(prepared.init.body))).toMatchObject({
      model: "coder-model",
      messages: [{ role: "system" }, { role: "user", content: "hello" }],
    })
  })

  it.each([
    ["cut JSON", URL_TEXT, BODY.slice(0, -3)],
    ["a list", URL_TEXT, "[]"],
    ["no body", URL_TEXT, undefined],
    ["a form", URL_TEXT, new URLSearchParams({ a: "1" })],
    ["another endpoint", "https://api.test/v1/embeddings", BODY],
  ])("is left alone: %s", async (_, url, body) => {
    const init = body === undefined ? { method: "POST" } : { method: "POST", body }
    expect(prepareBody(await askedRequest(url, init))).toEqual({ init: {}, model: undefined })
  })

  it("is a chat below any base and with a query", async () => {
    const url = "https://api.test/compatible-mode/v1/chat/completions?x=1"
    expect(prepareBody(await askedRequest(url, { method: "POST", body: BODY })).model).toBe("qwen3-coder-plus")
  })
})
