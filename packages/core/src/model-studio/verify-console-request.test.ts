import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import type { LoopbackRequest } from "./loopback-listener.ts"
import { verifyConsoleRequest } from "./verify-console-request.ts"

const CONSOLE = "https://modelstudio.console.alibabacloud.com"
const CHINA = "https://bailian.console.aliyun.com"
const STATE = "0123456789abcdef0123456789abcdef"
const EXPECTED = { state: STATE, site: "international" } as const
const KEY = "sk-ws-12345678"

type Changes = Omit<Partial<LoopbackRequest>, "headers"> & { headers?: Record<string, string | undefined> }

/** Verifies the observed call with replaced parts. */
function verify({ headers, ...changes }: Changes = {}) {
  const given = { host: "127.0.0.1:4711", origin: CONSOLE, "content-type": "application/json", ...headers }
  return verifyConsoleRequest(
    {
      port: 4711,
      method: "POST",
      target: `/?state=${STATE}`,
      body: JSON.stringify({ api_key: KEY, access_token: "console-session" }),
      headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      ...changes,
    },
    EXPECTED,
  )
}

describe("a valid call", () => {
  it.each([CONSOLE, CHINA])("from %s returns the key and the response OK", (origin) => {
    const call = verify({ headers: { origin } })
    expect(call).toMatchObject({ kind: "key", key: { apiKey: KEY } })
    expect(call.answer).toEqual({
      status: 200,
      headers: { "Access-Control-Allow-Origin": origin, Vary: "Origin" },
      text: "OK",
    })
  })

  it("may be a GET without an origin", () => {
    const call = verify({
      method: "GET",
      target: `/?state=${STATE}&api_key=${KEY}`,
      body: "",
      headers: { origin: undefined },
    })
    expect(call).toMatchObject({ kind: "key", key: { apiKey: KEY }, answer: { status: 200, headers: {} } })
  })
})

describe("a preflight", () => {
  const preflight = (headers: Record<string, string | undefined> = {}) =>
    verify({ method: "OPTIONS", target: "/", body: "", headers })

  it("allows the console's page to call", () => {
    expect(preflight()).toEqual({
      kind: "other",
      answer: {
        status: 204,
        headers: {
          "Access-Control-Allow-Origin": CONSOLE,
          Vary: "Origin",
          "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
          "Access-Control-Allow-Headers": "content-type",
          "Access-Control-Max-Age": "600",
        },
        text: "",
      },
    })
  })

  it("allows Chrome's private network access if requested", () => {
    const headers = { "access-control-request-private-network": "true" }
    expect(preflight(headers).answer.headers).toMatchObject({ "Access-Control-Allow-Private-Network": "true" })
  })

  it.each([
    ["content-type", "content-type"],
    ["Content-Type, X-Csrf-Token,x-b", "Content-Type, X-Csrf-Token,x-b"],
    ["", "content-type"],
    ["*", "content-type"],
    ["x-a; x-b", "content-type"],
    ["x-a\r\nset-cookie: a", "content-type"],
    ["x".repeat(201), "content-type"],
  ])("for the headers %j allows the headers %s", (requested, allowed) => {
    const { answer } = preflight({ "access-control-request-headers": requested })
    expect(answer.headers["Access-Control-Allow-Headers"]).toBe(allowed)
  })

  it.each(["https://evil.test", "null", undefined])("from %s is refused", (origin) => {
    const call = preflight({ origin })
    expect(call).toMatchObject({ kind: "refused", why: "from another site" })
    expect(call.answer).toEqual({ status: 403, headers: {}, text: "Not accepted: from another site." })
  })
})

describe("a hostile or invalid call is refused", () => {
  it.each([
    "localhost:4711",
    "127.0.0.1",
    "127.0.0.1:4712",
    "127.0.0.1:4711.evil.test",
    "127.0.0.1.evil.test:4711",
    "evil.test:4711",
    "[::1]:4711",
    "",
    undefined,
  ])("with the host name %j (DNS rebinding)", (host) => {
    const call = verify({ headers: { host } })
    expect(call).toMatchObject({
      kind: "refused",
      why: "under another host name",
      answer: { status: 403, headers: {} },
    })
  })

  it.each([
    "https://evil.test",
    "null",
    "",
    `${CONSOLE}.evil.test`,
    `${CONSOLE}:8443`,
    `${CONSOLE}/`,
    `${CONSOLE}, https://evil.test`,
    "http://modelstudio.console.alibabacloud.com",
    "https://console.alibabacloud.com",
    CONSOLE.toUpperCase(),
    undefined,
  ])("from the origin %j", (origin) => {
    const call = verify({ headers: { origin } })
    expect(call).toMatchObject({ kind: "refused", why: "from another site", answer: { status: 403, headers: {} } })
  })

  it.each([
    "/",
    "/?state=",
    `/?state=${STATE.replace("0", "1")}`,
    `/?state=${STATE.slice(0, -1)}`,
    `/?state=${STATE}0`,
    `/?state=${STATE.toUpperCase()}`,
    `/?state=x&state=${STATE}`,
    `/?STATE=${STATE}`,
    `/?state[]=${STATE}`,
    `/?state=${"é".repeat(32)}`,
  ])("with the wrong state: %s", (target) => {
    const call = verify({ target })
    expect(call).toMatchObject({ kind: "refused", why: "for another sign-in", answer: { status: 403 } })
  })

  it("with the wrong state in a GET without an origin", () => {
    const call = verify({ method: "GET", target: `/?state=x&api_key=${KEY}`, headers: { origin: undefined } })
    expect(call).toMatchObject({ kind: "refused", why: "for another sign-in" })
  })

  it("with too large a body", () => {
    expect(verify({ body: undefined })).toMatchObject({
      kind: "refused",
      why: "with too large a body",
      answer: { status: 413 },
    })
  })

  it.each([
    ["", "without a key"],
    ["junk", "without a key"],
    ['{"api_key":"k"}', "with an unusable key"],
    [JSON.stringify({ api_key: KEY, base_url: "https://evil.test/v1" }), "with an unusable API address"],
  ])("with the body %j and the reason: %s", (body, why) => {
    expect(verify({ body })).toMatchObject({ kind: "refused", why, answer: { status: 400 } })
  })
})

describe("a request that is not a callback", () => {
  it.each(["/favicon.ico", "/a?state=b", "//", "", "*", "/index.html", `http://127.0.0.1:4711/?state=${STATE}`])(
    "the target %j is not found",
    (target) => {
      expect(verify({ target, method: "GET" })).toMatchObject({ kind: "other", answer: { status: 404 } })
    },
  )

  it.each(["PUT", "DELETE", "HEAD", "PATCH", "TRACE", "post", ""])("the method %j is not allowed", (method) => {
    expect(verify({ method })).toMatchObject({
      kind: "other",
      answer: { status: 405, headers: { Allow: "GET, POST, OPTIONS" } },
    })
  })
})

describe("any request without the state", () => {
  const hostile = fc.record({
    method: fc.constantFrom("GET", "POST", "OPTIONS", "PUT"),
    target: fc.oneof(
      anyText,
      anyText.map((text) => `/?${text}`),
      anyText.map((text) => `/?state=${text}`),
    ),
    body: fc.oneof(anyText, fc.constant(undefined), fc.constant(JSON.stringify({ api_key: KEY }))),
    origin: fc.constantFrom(CONSOLE, undefined, "https://evil.test"),
  })

  it("returns no key, and its response repeats nothing", () => {
    always(
      fc.property(hostile, fc.nat(), ({ origin, ...request }, salt) => {
        const marker = `marker${salt}`
        const headers = { origin, "x-marker": marker, "access-control-request-method": marker }
        const call = verify({ ...request, target: `${request.target}&${marker}=${marker}`, headers })
        expect(call.kind).not.toBe("key")
        expect(JSON.stringify(call)).not.toContain(marker)
      }),
      500,
    )
  })
})
