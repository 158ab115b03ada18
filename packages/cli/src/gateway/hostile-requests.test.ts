import { describe, expect, it } from "vitest"
import { type GatewayUnderTest, gatewayUnderTest, LOCAL_KEY } from "../testing/gateway-under-test.ts"
import { rawRequest } from "../testing/raw-request.ts"

const KEY = `authorization: Bearer ${LOCAL_KEY}`
const CHAT = "/v1/chat/completions"
const BODY = '{"model":"qwen3.7-plus","messages":[]}'

interface Raw {
  readonly method?: string
  readonly target?: string
  /** Lines of the head, without that of the host. */
  readonly headers?: readonly string[]
  /** Default: the gateway's own address. */
  readonly host?: string | readonly string[]
  readonly body?: string | Uint8Array
}

function bytesOf(port: number, { method = "POST", target = CHAT, headers = [], host, body = "" }: Raw): Uint8Array {
  const hosts = typeof host === "object" ? host : [host ?? `127.0.0.1:${port}`]
  const lines = [`${method} ${target} HTTP/1.1`, ...hosts.map((name) => `host: ${name}`), ...headers]
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)])
}

async function statusOf({ port }: GatewayUnderTest, raw: Raw): Promise<number | undefined> {
  return (await rawRequest(port, bytesOf(port, raw))).status
}

const length = (body: string | Uint8Array) => `content-length: ${Buffer.byteLength(body)}`
const withKey = (body: string | Uint8Array, ...headers: string[]): Raw => ({
  headers: [KEY, length(body), ...headers],
  body,
})

/** The gateway refuses with this status, the service hears nothing, and the next request is served. */
async function expectRefusal(raw: Raw | ((port: number) => Raw), status: number): Promise<void> {
  const gateway = await gatewayUnderTest(undefined, { limits: { bodyBytes: 2_000 } })
  expect(await statusOf(gateway, typeof raw === "function" ? raw(gateway.port) : raw)).toBe(status)
  expect(gateway.served).toEqual([])
  expect((await gateway.ask("/v1/models")).status).toBe(200)
}

describe("refuses a request without the right key", () => {
  it.each([
    ["no key", [length(BODY)]],
    ["an empty key", ["authorization: Bearer ", length(BODY)]],
    ["another key", ["authorization: Bearer sk-other", length(BODY)]],
    ["the beginning of the key", [`authorization: Bearer ${LOCAL_KEY.slice(0, -1)}`, length(BODY)]],
    ["the key and more", [`authorization: Bearer ${LOCAL_KEY}x`, length(BODY)]],
    ["the key as Basic", [`authorization: Basic ${LOCAL_KEY}`, length(BODY)]],
    ["another x-api-key", ["x-api-key: sk-other", length(BODY)]],
    ["the key in another header", [`api-key: ${LOCAL_KEY}`, length(BODY)]],
  ])("%s", (_, headers) => expectRefusal({ headers, body: BODY }, 401))

  it("with the key in the query", () =>
    expectRefusal({ target: `${CHAT}?key=${LOCAL_KEY}`, headers: [length(BODY)], body: BODY }, 401))

  it("in Anthropic's format on Anthropic's API", async () => {
    const gateway = await gatewayUnderTest()
    const answer = await fetch(`${gateway.origin}/v1/messages`, { method: "POST", body: BODY })
    expect(await answer.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } })
  })
})

describe("refuses a request for another host, which a rebound name sends", () => {
  it.each([
    "evil.example",
    "127.0.0.1",
    "127.0.0.1:1",
    "localhost.evil.example",
    "127.0.0.2:80",
    "0.0.0.0",
    "[::]",
    "",
  ])("for %j", (host) => expectRefusal({ ...withKey(BODY), host }, 403))

  it("with the right port", () => expectRefusal((port) => ({ ...withKey(BODY), host: `evil.example:${port}` }), 403))

  it("beside the right one", () =>
    expectRefusal((port) => ({ ...withKey(BODY), host: [`127.0.0.1:${port}`, "evil.example"] }), 403))

  it("at the health check too", () => expectRefusal({ method: "GET", target: "/healthz", host: "evil.example" }, 403))

  it("without a host", async () => {
    const gateway = await gatewayUnderTest()
    const raw = `POST ${CHAT} HTTP/1.1\r\n${KEY}\r\ncontent-length: 2\r\n\r\n{}`
    expect((await rawRequest(gateway.port, raw)).status).toBe(400)
    expect(gateway.served).toEqual([])
  })
})

it.each(["localhost", "LOCALHOST", "[::1]"])("serves a request for %s with the port", async (name) => {
  const gateway = await gatewayUnderTest()
  const raw = { method: "GET", target: "/v1/models", headers: [KEY], host: `${name}:${gateway.port}` }
  expect(await statusOf(gateway, raw)).toBe(200)
})

describe("refuses a request of a web page", () => {
  it.each(["https://evil.example", "null", "http://localhost:3000", "chrome-extension://abc"])("from %s", (origin) =>
    expectRefusal(withKey(BODY, `origin: ${origin}`), 403),
  )

  it("for its preflight", () =>
    expectRefusal(
      { method: "OPTIONS", headers: ["origin: https://evil.example", "access-control-request-method: POST"] },
      403,
    ))
})

describe("refuses a body", () => {
  const deep = (depth: number) => `{"model":${"[".repeat(depth)}${"]".repeat(depth)}}`

  it.each<[string, Raw, number]>([
    ["too large by its length", { headers: [KEY, "content-length: 99999999"] }, 413],
    [
      "too large in chunks",
      { headers: [KEY, "transfer-encoding: chunked"], body: `FFF\r\n${"x".repeat(4_095)}\r\n` },
      413,
    ],
    ["no JSON", withKey("hello"), 400],
    ["empty", withKey(""), 400],
    ["an array", withKey("[]"), 400],
    ["a number", withKey("7"), 400],
    ["null", withKey("null"), 400],
    ["nested too deeply", withKey(deep(300)), 400],
    ["nested too deeply and never closed", withKey(`{"a":${"[".repeat(900)}`), 400],
    ["overlong UTF-8", withKey(Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])), 400],
    ["a lone surrogate in UTF-8", withKey(Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])), 400],
    ["UTF-16", withKey(Buffer.from(BODY, "utf16le")), 400],
    ["compressed", withKey(BODY, "content-encoding: gzip"), 415],
  ])("%s", (_, raw, status) => expectRefusal(raw, status))

  it("but not one with brackets in its texts", async () => {
    const gateway = await gatewayUnderTest()
    const text = `${"[{".repeat(400)}\\"`
    expect((await gateway.ask(CHAT, { messages: [{ role: "user", content: text }] })).status).toBe(200)
  })
})

describe("refuses a request that two programs could read differently", () => {
  const both = ["content-length: 4", "transfer-encoding: chunked"]
  it.each<[string, Raw, number]>([
    ["two kinds of length", { headers: [KEY, ...both], body: "0\r\n\r\n" }, 400],
    ["two lengths", { headers: [KEY, "content-length: 2", "content-length: 3"], body: "{}" }, 400],
    ["a list of lengths", { headers: [KEY, "content-length: 2, 2"], body: "{}" }, 400],
    ["a negative length", { headers: [KEY, "content-length: -1"], body: "{}" }, 400],
    ["a signed length", { headers: [KEY, "content-length: +2"], body: "{}" }, 400],
    ["a hexadecimal length", { headers: [KEY, "content-length: 0x2"], body: "{}" }, 400],
    ["an encoding before chunked", { headers: [KEY, "transfer-encoding: gzip, chunked"], body: "0\r\n\r\n" }, 400],
    ["an encoding after chunked", { headers: [KEY, "transfer-encoding: chunked, identity"], body: "0\r\n\r\n" }, 400],
    ["an unknown encoding", { headers: [KEY, "transfer-encoding: xchunked"], body: "0\r\n\r\n" }, 400],
    ["a broken chunk", { headers: [KEY, "transfer-encoding: chunked"], body: "zz\r\n{}\r\n0\r\n\r\n" }, 400],
    ["a space before the colon", { headers: [KEY, "content-length : 2"], body: "{}" }, 400],
    ["a folded header", { headers: [KEY, "x-a: 1\r\n b"], body: "{}" }, 400],
    ["a bare line feed in a header", { headers: [KEY, "x-a: 1\nx-b: 2"], body: "{}" }, 400],
    ["a NUL in a header", { headers: [KEY, "x-a: \u0000"], body: "{}" }, 400],
    ["a head that is too large", { headers: [KEY, `x-a: ${"a".repeat(40_000)}`], body: "{}" }, 431],
    ["an upgrade", { method: "GET", headers: [KEY, "connection: upgrade", "upgrade: websocket"] }, 400],
    ["a tunnel", { method: "CONNECT", target: "evil.example:443", headers: [KEY] }, 400],
    ["a method that is none", { method: "STEAL", headers: [KEY] }, 400],
  ])("%s", (_, raw, status) => expectRefusal(raw, status))
})

describe("refuses an unknown path", () => {
  it.each([
    "/",
    "//v1/chat/completions",
    "/v1//chat/completions",
    "/v1/chat/completions/",
    "/v1/../v1/chat/completions",
    "/v1/./chat/completions",
    "/v1/chat%2fcompletions",
    "/%761/chat/completions",
    "/v1/chat/completions%00",
    "/v1/chat/completions;a",
    "/V1/chat/completions",
    "/v1/chat/completions#x",
    "/v1/files",
    "/v1/messages/../chat/completions",
    "/apps/anthropic/v1/messages",
    "http://evil.example/v1/chat/completions",
    "https://dashscope.aliyuncs.com/v1/chat/completions",
    "*",
  ])("%s", async (target) => {
    const gateway = await gatewayUnderTest()
    const status = await statusOf(gateway, { ...withKey(BODY), target })
    expect([400, 404]).toContain(status)
    expect(gateway.served).toEqual([])
  })

  it.each([
    ["GET", CHAT],
    ["PUT", CHAT],
    ["DELETE", "/v1/models"],
    ["POST", "/healthz"],
  ])("and the wrong method: %s %s", (method, target) => expectRefusal({ ...withKey(BODY), method, target }, 405))
})

describe("a client that is slow or leaves", () => {
  it("gets status 408 when its head does not arrive", async () => {
    const gateway = await gatewayUnderTest(undefined, { limits: { headersMs: 100 } })
    expect((await rawRequest(gateway.port, `POST ${CHAT} HTTP/1.1\r\nhost: 1`)).status).toBe(408)
  })

  it("gets status 408 when its body does not arrive", async () => {
    const gateway = await gatewayUnderTest(undefined, { limits: { headersMs: 100, requestMs: 150 } })
    const raw = bytesOf(gateway.port, { headers: [KEY, "content-length: 100"], body: '{"model":' })
    expect((await rawRequest(gateway.port, raw)).status).toBe(408)
    expect(gateway.served).toEqual([])
  })

  it("leaves nothing behind in the middle of its body", async () => {
    const gateway = await gatewayUnderTest()
    const raw = bytesOf(gateway.port, { headers: [KEY, "content-length: 100"], body: '{"model":' })
    await rawRequest(gateway.port, raw, { end: true })
    expect(gateway.served).toEqual([])
    expect((await gateway.ask("/v1/models")).status).toBe(200)
    await gateway.close()
  })

  it("receives the refusal of a large body", async () => {
    const gateway = await gatewayUnderTest(undefined, { limits: { bodyBytes: 1_000_000 } })
    const answer = await gateway.ask(CHAT, `"${"x".repeat(3_000_000)}"`)
    expect([answer.status, await answer.json()]).toMatchObject([413, { error: { code: "request_too_large" } }])
  })
})

it("refuses a request line without a version", async () => {
  const gateway = await gatewayUnderTest()
  const raw = `POST ${CHAT}\r\nhost: 127.0.0.1:${gateway.port}\r\n${KEY}\r\n${length(BODY)}\r\n\r\n${BODY}`
  expect((await rawRequest(gateway.port, raw)).status).toBe(400)
  expect(gateway.served).toEqual([])
})

it("repeats nothing of a refused request", async () => {
  const gateway = await gatewayUnderTest()
  const secret = "sk-secret-of-someone"
  const raw = { headers: [`authorization: Bearer ${secret}`, length(secret)], target: `/${secret}`, body: secret }
  const { status, text } = await rawRequest(gateway.port, bytesOf(gateway.port, raw))
  expect(status).toBe(401)
  expect(text).not.toContain(secret)
  expect(text).not.toContain(LOCAL_KEY)
})
