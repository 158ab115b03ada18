import { bodyOf } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import { parseFetchArguments } from "./incoming-request.ts"

const URL_TEXT = "https://api.test/v1/chat/completions"
const BODY = '{"model": "qwen3-coder-plus"}'

const readText = async (body: RequestInit["body"] | undefined) => new Response(body ?? null).text()

describe("parsing the arguments of fetch", () => {
  it.each([
    ["a string", URL_TEXT],
    ["a URL", new URL(URL_TEXT)],
  ])("reads %s and options", async (_, input) => {
    const { signal } = new AbortController()
    const incoming = await parseFetchArguments(input, {
      method: "POST",
      headers: { accept: "x/y" },
      body: BODY,
      signal,
    })
    expect(incoming.url.href).toBe(URL_TEXT)
    expect(incoming.signal).toBe(signal)
    expect(incoming.init).toMatchObject({ method: "POST", body: BODY })
  })

  it.each([
    ["an object", { Accept: "x/y" }],
    ["an array", [["accept", "x/y"]]],
    ["Headers", new Headers({ accept: "x/y" })],
    ["undefined", undefined],
  ] satisfies [string, RequestInit["headers"]][])("reads headers given as %s", async (_, headers) => {
    const incoming = await parseFetchArguments(URL_TEXT, headers === undefined ? {} : { headers })
    expect(Object.fromEntries(incoming.headers)).toEqual(headers === undefined ? {} : { accept: "x/y" })
  })

  it("defaults to a GET request without a body", async () => {
    const incoming = await parseFetchArguments("https://api.test/v1/models")
    expect(incoming.init).toEqual({ method: "GET" })
    expect(incoming.signal).toBeUndefined()
  })

  it("reads a Request", async () => {
    const controller = new AbortController()
    const request = new Request(URL_TEXT, {
      method: "POST",
      headers: { accept: "x/y" },
      body: BODY,
      signal: controller.signal,
    })
    const incoming = await parseFetchArguments(request)
    expect(incoming.url.href).toBe(URL_TEXT)
    expect(incoming.init.method).toBe("POST")
    expect(incoming.headers.get("accept")).toBe("x/y")
    expect(await readText(incoming.init.body)).toBe(BODY)
    controller.abort()
    expect(incoming.signal?.aborted).toBe(true)
  })

  it("prefers the options over the Request", async () => {
    const request = new Request(URL_TEXT, { method: "POST", headers: { accept: "x/y" }, body: "old" })
    const incoming = await parseFetchArguments(request, { method: "PUT", headers: { accept: "y/z" }, body: "new" })
    expect(incoming.init).toMatchObject({ method: "PUT", body: "new" })
    expect(incoming.headers.get("accept")).toBe("y/z")
  })

  it.each([
    ["a string", BODY],
    ["bytes", new TextEncoder().encode(BODY)],
    ["a form", new URLSearchParams({ a: "1" })],
  ])("keeps the same body if it is %s", async (_, body) => {
    expect((await parseFetchArguments(URL_TEXT, { method: "POST", body })).init.body).toBe(body)
  })

  it("reads a streamed body, so that it can be sent twice", async () => {
    const incoming = await parseFetchArguments(URL_TEXT, { method: "POST", body: bodyOf(BODY) })
    expect(await readText(incoming.init.body)).toBe(BODY)
    expect(await readText(incoming.init.body)).toBe(BODY)
  })
})
