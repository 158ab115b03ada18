import { type FakePlatformOptions, fakePlatform, type Reply, START } from "qwen-auth-testing/fake-platform"
import { settle } from "qwen-auth-testing/gate"
import { empty, json, text } from "qwen-auth-testing/replies"
import { STARTED, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { loggedFetch, type RequestLogEntry } from "./request-log.ts"
import { secretMemory } from "./secret-memory.ts"

const ADDRESS = "https://api.test/v1/chat/completions"
const KIB = 1024

/** Returns a logged fetch and its log entries. */
function setUp(options: FakePlatformOptions | Reply = {}) {
  const platform = fakePlatform(typeof options === "function" ? { rest: options } : options)
  const entries: RequestLogEntry[] = []
  const memory = secretMemory()
  const fetch = loggedFetch(platform.fetch, (entry) => void entries.push(entry), platform, memory)
  return { platform, entries, memory, fetch }
}

/** Returns the entry of one request. */
async function entryFor(reply: Reply, init: RequestInit = {}, url = ADDRESS): Promise<RequestLogEntry> {
  const { entries, fetch } = setUp(reply)
  await (await fetch(url, init)).text()
  const [entry] = entries
  if (entry === undefined) throw new Error("nothing was logged")
  return entry
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
})

const eventStream = (body: string) => text(body, 200, { "content-type": "text/event-stream" })

describe("an entry of the request log", () => {
  it("describes one request and its response", async () => {
    const { platform, entries, fetch } = setUp(async () => {
      platform.pass(120)
      return new Response('{"id":"x","usage":{"total_tokens":12}}', {
        status: 200,
        headers: { "content-type": "application/json", "set-cookie": "sid=0123456789" },
      })
    })
    const init = {
      method: "post",
      headers: { authorization: "Bearer abcdef-123" },
      body: '{"model":"m","max_tokens":5}',
    }
    const response = await fetch(`${ADDRESS}?access_token=abcdef-456&a=b`, init)
    platform.pass(30)
    expect(entries).toEqual([])
    await response.text()
    expect(entries).toEqual([
      {
        startedAt: new Date(START).toISOString(),
        headersMs: 120,
        totalMs: 150,
        method: "POST",
        url: `${ADDRESS}?access_token=[redacted]&a=b`,
        request: { headers: { authorization: "[redacted]" }, bytes: 28, body: { model: "m", max_tokens: 5 } },
        response: {
          status: 200,
          ended: "complete",
          headers: { "content-type": "application/json", "set-cookie": "[redacted]" },
          bytes: 38,
          body: { id: "x", usage: { total_tokens: 12 } },
        },
      },
    ])
  })

  it("shows a form as its fields", async () => {
    const { request } = await entryFor(json({}), form({ grant_type: "refresh_token", refresh_token: "refresh-1" }))
    expect(request.body).toEqual({ grant_type: "refresh_token", refresh_token: "[redacted]" })
  })

  it("shows an event stream as text", async () => {
    const { response } = await entryFor(eventStream('data: {"a":"Bearer abcdef-123"}\n\ndata: [DONE]\n\n'))
    expect(response?.body).toBe('data: {"a":"[redacted]"}\n\ndata: [DONE]\n\n')
  })

  it("describes a failed fetch, whose error the caller receives", async () => {
    const failure = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") })
    const { entries, fetch } = setUp(() => Promise.reject(failure))
    await expect(fetch(ADDRESS, {})).rejects.toBe(failure)
    expect(entries).toMatchObject([
      { method: "GET", totalMs: 0, error: { message: "fetch failed", cause: { message: "connect ECONNREFUSED" } } },
    ])
    expect(entries[0]).not.toHaveProperty("response")
    expect(entries[0]).not.toHaveProperty("headersMs")
  })

  it("is written immediately for a response without a body", async () => {
    const { entries, fetch } = setUp(empty(204))
    expect((await fetch(ADDRESS, {})).body).toBeNull()
    expect(entries).toMatchObject([{ response: { status: 204, ended: "complete", bytes: 0 } }])
  })

  it("contains the received part of a cancelled response without a partial token", async () => {
    const { entries, fetch } = setUp(() => {
      const start = new TextEncoder().encode("so far, tok")
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(start) }))
    })
    const reader = (await fetch(ADDRESS, {})).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(entries).toMatchObject([{ response: { ended: "cancelled", bytes: 11, body: "so far, " } }])
  })

  it("describes a response that failed or was aborted", async () => {
    for (const aborted of [false, true]) {
      const { entries, fetch } = setUp(() => {
        const body = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) })
        return new Response(body)
      })
      const signal = aborted ? AbortSignal.abort() : new AbortController().signal
      await expect(fetch(ADDRESS, { signal }).then((response) => response.text())).rejects.toThrow("reset")
      const ended = aborted ? "cancelled" : "failed"
      expect(entries).toMatchObject([{ response: { ended }, error: { message: "reset" } }])
    }
  })

  it.each([
    ["bytes", new TextEncoder().encode('{"a":1}'), { bytes: 7, body: { a: 1 } }],
    ["a buffer", new TextEncoder().encode('{"a":1}').buffer, { bytes: 7, body: { a: 1 } }],
    ["parameters", new URLSearchParams({ a: "b", password: "hunter2" }), { body: { a: "b", password: "[redacted]" } }],
    ["a form with parts", multipart({ a: "b", password: "hunter2" }), { body: { a: "b", password: "[redacted]" } }],
    ["a blob", new Blob(["abc"]), { bytes: 3, body: "[binary]" }],
    ["a stream", new ReadableStream(), { body: "[stream]" }],
    ["binary data", Uint8Array.of(0xff, 0xd8, 0xff), { bytes: 3, body: "[binary]" }],
    ["bytes that are zero", new Uint8Array(9), { bytes: 9, body: "[binary]" }],
    ["text", "plain 123", { bytes: 9, body: "plain 123" }],
    ["no body", undefined, { body: undefined }],
    ["an empty text", "", { bytes: 0, body: undefined }],
  ])("describes the body of a request: %s", async (_, body, shown) => {
    const init: RequestInit = body === undefined ? {} : { method: "POST", body }
    expect((await entryFor(text(""), init)).request).toMatchObject(shown)
  })

  it.each([
    ["an image", new Response(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff)), { bytes: 5, body: "[binary]" }],
    ["a list", new Response("[1,2]"), { body: [1, 2] }],
    ["truncated JSON", new Response('{"access_token":"abcdef'), { body: '{"access_token":"[redacted]"' }],
    ["a page", new Response("<html>é</html>"), { bytes: 15, body: "<html>é</html>" }],
  ])("describes the body of a response: %s", async (_, response, shown) => {
    expect((await entryFor(() => response)).response).toMatchObject(shown)
  })

  it("contains 256 KiB of each body without a partial token", async () => {
    const long = `${"a ".repeat(128 * KIB - 5)}token1234567890`
    const { request, response } = await entryFor(text(long), { method: "POST", body: long })
    const kept = "a ".repeat(128 * KIB - 5)
    expect(request).toMatchObject({ bytes: 256 * KIB + 5, truncated: true, body: kept })
    expect(response).toMatchObject({ bytes: 256 * KIB + 5, truncated: true, body: kept })
  })

  it("does not split a character at the limit", async () => {
    const { response } = await entryFor(text("é ".repeat(100 * KIB)))
    expect(response?.body).toMatch(/^(é )+$/)
  })
})

function multipart(fields: Record<string, string>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

/** Returns an endless body that counts its chunks. `size`: the size of each chunk, bytes. */
function endless(size: number) {
  const source = { chunks: 0, cancelled: false, body: new ReadableStream<Uint8Array>() }
  source.body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        source.chunks++
        controller.enqueue(new Uint8Array(size).fill(97))
      },
      cancel() {
        source.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return source
}

describe("the caller of a logged fetch", () => {
  it("receives the first chunk before the last one is sent", async () => {
    let send: ReadableStreamDefaultController<Uint8Array> | undefined
    const { fetch, entries } = setUp(
      () =>
        new Response(
          new ReadableStream<Uint8Array>({
            start: (controller) => {
              send = controller
            },
          }),
        ),
    )
    const reader = (await fetch(ADDRESS, {})).body?.getReader()
    send?.enqueue(Uint8Array.of(97))
    expect((await reader?.read())?.value).toEqual(Uint8Array.of(97))
    expect(entries).toEqual([])
    send?.close()
    expect((await reader?.read())?.done).toBe(true)
    expect(entries).toHaveLength(1)
  })

  it("sets the pace of the reads, because the log does not read ahead", async () => {
    const source = endless(KIB)
    const { fetch } = setUp(() => new Response(source.body))
    const response = await fetch(ADDRESS, {})
    await settle()
    expect(source.chunks).toBe(0)
    await response.body?.cancel()
    expect(source.cancelled).toBe(true)
  })

  it("receives 20 MiB while the log keeps 256 KiB", async () => {
    const source = endless(64 * KIB)
    const { fetch, entries } = setUp(() => new Response(source.body))
    const reader = (await fetch(ADDRESS, {})).body?.getReader()
    let bytes = 0
    while (bytes < 20 * KIB * KIB) bytes += (await reader?.read())?.value?.byteLength ?? 0
    await reader?.cancel()
    expect(entries).toMatchObject([{ response: { bytes: 20 * KIB * KIB, truncated: true } }])
    expect(JSON.stringify(entries).length).toBeLessThan(300 * KIB)
  })

  it("may change the chunks that it received", async () => {
    const { fetch, entries } = setUp(text("text"))
    const reader = (await fetch(ADDRESS, {})).body?.getReader()
    const part = await reader?.read()
    part?.value?.fill(0)
    await reader?.read()
    expect(entries[0]?.response?.body).toBe("text")
  })

  it("sends exactly its own request", async () => {
    const { fetch, platform } = setUp(text(""))
    const init = { ...form({ a: "b" }), redirect: "manual" as const, signal: new AbortController().signal }
    await fetch(ADDRESS, init)
    expect(platform.requests).toMatchObject([{ url: ADDRESS, method: "POST", body: "a=b", redirect: "manual" }])
    expect(platform.requests[0]?.signal).toBe(init.signal)
  })

  it.each([
    [
      "throws",
      () => {
        throw new Error("no")
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
  ])("is not affected by a sink that %s", async (_, sink) => {
    const platform = fakePlatform({ replies: [text("good"), empty(204), () => Promise.reject(new Error("reset"))] })
    const fetch = loggedFetch(platform.fetch, sink, platform, secretMemory())
    expect(await (await fetch(ADDRESS, {})).text()).toBe("good")
    expect((await fetch(ADDRESS, {})).status).toBe(204)
    await expect(fetch(ADDRESS, {})).rejects.toThrow("reset")
    await settle()
  })

  it("is not affected by a request that cannot be logged", async () => {
    const entries: RequestLogEntry[] = []
    const fetch = loggedFetch(
      async () => new Response("good"),
      (entry) => void entries.push(entry),
      fakePlatform(),
      secretMemory(),
    )
    expect(await (await fetch(ADDRESS, { headers: { "not a name": "x" } })).text()).toBe("good")
    expect(entries).toEqual([])
  })
})

describe("the secrets of an exchange", () => {
  it("are hidden where a response repeats them", async () => {
    const body = form({ device_code: "device-secret", code_verifier: "verifier/secret" })
    const headers = { ...body.headers, authorization: "Bearer access-secret", cookie: "a=cookie-secret; b=c" }
    const echo = "no device-secret with verifier%2Fsecret, access-secret or cookie-secret"
    const { response } = await entryFor(text(echo, 400), { ...body, headers })
    expect(response?.body).toBe("no [redacted] with [redacted], [redacted] or [redacted]")
  })

  it("are hidden in an error", async () => {
    const { entries, fetch } = setUp(() => Promise.reject(new Error("no device-secret")))
    await expect(fetch(ADDRESS, form({ device_code: "device-secret" }))).rejects.toThrow("device-secret")
    expect(entries[0]?.error).toEqual({ name: "Error", message: "no [redacted]" })
  })

  it("are remembered from requests and responses", async () => {
    const { fetch, memory } = setUp({
      replies: [
        json(STARTED),
        json({ data: { ...TOKENS, id_token: "identity" } }, 200, { "set-cookie": "a=set-cookie-1; Path=/cookies" }),
      ],
    })
    await (await fetch(ADDRESS, { headers: { "x-api-key": "header-key" } })).text()
    await (await fetch(ADDRESS, { method: "POST", body: '{"client_secret":"client-1","key":"ordinary"}' })).text()
    const all = "ABCD-1234 device-1 access-2 refresh-2 identity client-1 header-key set-cookie-1"
    expect(memory.redact(all)).toBe(all.replace(/\S+/g, "[redacted]"))
    const others = "Bearer portal.qwen.ai ordinary Path=/cookies"
    expect(memory.redact(`- ${others.slice(7)}`)).toBe(`- ${others.slice(7)}`)
  })

  it.each([
    ["a word", "string"],
    ["a variable's name", "YOUR_DASHSCOPE_API_KEY"],
    ["code", "process.env.API_KEY"],
    ["a sentence", "The key to use"],
    ["a field to fill in", "<your-key-1>"],
    ["a variable in a shell", "$KEY_NO_1"],
    ["a template", "sk-{{key1}}"],
    ["a shortened key", "sk-sp-12…"],
    ["a shortened key in dots", "sk-sp-12..."],
    ["a masked key", "key-1***2"],
    ["a key filled with x", "key-xxxxxxxx1"],
  ])("do not include placeholders in a tool's schema: %s", async (_, placeholder) => {
    const { fetch, memory } = setUp({ replies: [json({}), json({ api_key: placeholder })] })
    const example = { api_key: placeholder, access_token: placeholder, user_code: placeholder }
    const tools = [{ function: { name: "f", parameters: { example } } }]
    await (await fetch(ADDRESS, { method: "POST", body: JSON.stringify({ messages: [], tools }) })).text()
    await (await fetch(ADDRESS, { method: "POST", body: JSON.stringify({ "x-api-key": placeholder }) })).text()
    expect(memory.redact(`const a = ${placeholder}`)).toBe(`const a = ${placeholder}`)
  })

  it("are remembered from a tool's schema if they look like secrets", async () => {
    const { fetch, memory } = setUp(json({}))
    const example = { api_key: "sk-sp-12345678", access_token: "abcdef-123456", user_code: "ABCD-1234" }
    const tools = [{ function: { name: "f", parameters: { example } } }]
    await (await fetch(ADDRESS, { method: "POST", body: JSON.stringify({ messages: [], tools }) })).text()
    expect(memory.redact("- sk-sp-12345678 abcdef-123456 ABCD-1234")).toBe("- [redacted] [redacted] [redacted]")
  })

  it("are remembered from an OAuth message, whatever they look like", async () => {
    const { fetch, memory } = setUp({
      replies: [json({ user_code: "WDJB-MJHT" }), json({ data: { id_token: "identity" } })],
    })
    await (await fetch(ADDRESS, form({ device_code: "string" }))).text()
    await (await fetch(ADDRESS, {})).text()
    expect(memory.redact("- WDJB-MJHT string identity")).toBe("- [redacted] [redacted] [redacted]")
  })

  it("are remembered as soon as the request is sent", async () => {
    const { fetch, memory } = setUp(async () => {
      expect(memory.redact("device-secret")).toBe("[redacted]")
      return new Response(null)
    })
    await fetch(ADDRESS, form({ device_code: "device-secret" }))
  })
})
