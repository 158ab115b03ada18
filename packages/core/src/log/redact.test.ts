import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { describe, expect, it } from "vitest"
import { QwenAuthError } from "../errors.ts"
import { redact, redactingLogger } from "./redact.ts"
import { secretMemory } from "./secret-memory.ts"

const MARKER = "s3cr3tmarker"

describe("redact", () => {
  it.each([
    "access_token",
    "accessToken",
    "refresh_token",
    "refreshToken",
    "Authorization",
    "cookie",
    "Set-Cookie",
    "client_secret",
    "password",
    "api_key",
    "apiKey",
    "x-api-key",
    "device_code",
    "deviceCode",
    "user_code",
    "code_verifier",
    "codeVerifier",
    "code_challenge",
    "access",
    "refresh",
    "key",
    "idToken",
    "x-auth-token",
    "Proxy-Authorization",
    "authorization_code",
    "access_tokens",
    "clientSecret",
    "client_assertion",
    "passwd",
    "accessKeyId",
    "private-key",
    "userCode",
    "codeChallenge",
    "verifier",
    "state",
  ])("hides the value of the name %s", (name) => {
    expect(redact({ [name]: MARKER })).toEqual({ [name]: "[redacted]" })
  })

  it("keeps counts and other harmless values of such names", () => {
    const fields = {
      max_tokens: 8192,
      tokens: 12,
      tokens_left: "many",
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, completion_tokens_details: { text: 2 } },
      token_type: "Bearer",
      has_token: true,
      refresh: false,
      access_token: null,
      refresh_token: undefined,
      id_token: "",
      cookies: 2,
      token_endpoint: "https://chat.qwen.ai/api/v1/oauth2/token",
      device_authorization_endpoint: "https://chat.qwen.ai/api/v1/oauth2/device/code",
      state: { status: "running" },
    }
    expect(redact(fields)).toEqual(fields)
  })

  it("hides a number that is not a count, and a structured value", () => {
    expect(redact({ user_code: 123456, password: 10n, access_token: [MARKER], cookie: { sid: MARKER } })).toEqual({
      user_code: "[redacted]",
      password: "[redacted]",
      access_token: "[redacted]",
      cookie: "[redacted]",
    })
  })

  it("keeps values that are not secrets", () => {
    const fields = { status: 401, code: "invalid_api", why: "read ECONNRESET", ok: true, none: null, left: undefined }
    expect(redact(fields)).toEqual(fields)
  })

  it("redacts nested objects and lists", () => {
    expect(redact({ a: [{ b: { access_token: MARKER, c: 1 } }] })).toEqual({
      a: [{ b: { access_token: "[redacted]", c: 1 } }],
    })
  })

  it.each([
    ["a bearer header", `Authorization: Bearer ${MARKER}`],
    ["a basic header", `Basic ${MARKER}==`],
    ["an API key", `Incorrect API key provided: sk-${MARKER}.`],
    ["a plan's key", `sk-sp-${MARKER}`],
    ["a JWT", `eyJhbGciOi.eyJ${MARKER}.sig`],
    ["a URL's parameter", `https://chat.qwen.ai/authorize?user_code=${MARKER}&client=qwen-code`],
    ["a form", `grant_type=refresh_token&refresh_token=${MARKER}`],
    ["JSON", JSON.stringify({ access_token: MARKER })],
    ["JSON within JSON", JSON.stringify({ body: JSON.stringify({ refresh_token: MARKER }) })],
    ["indented JSON", JSON.stringify({ device_code: MARKER }, undefined, 2)],
    ["truncated JSON", JSON.stringify({ a: 1, access_token: MARKER }).slice(0, -2)],
    [
      "truncated JSON within JSON",
      JSON.stringify({ body: JSON.stringify({ token: MARKER, id_token: [MARKER] }) }).slice(0, -3),
    ],
    ["JSON with escaped names", `{"access\\u005ftoken":"${MARKER}"}`],
    ["JSON with a list", `sent {"access_token":["${MARKER}"]} twice`],
    ["JSON with an escaped quote in it", `{"a":"{\\"access_token\\":\\"x\\\\\\"${MARKER}\\"`],
    ["JSON in a URL", `https://a.test/?body=${encodeURIComponent(JSON.stringify({ access_token: MARKER }))}`],
    ["a URL in a URL", `/cb?to=${encodeURIComponent(`https://a.test/#access_token=${MARKER}`)}&b=1`],
    ["an encoded form beside invalid UTF-8", `%ff%20refresh_token%3D${MARKER}%26`],
    ["an encoded form beside a lone surrogate", `\ud800%20refresh_token%3D${MARKER}`],
    ["a form encoded twice", encodeURIComponent(encodeURIComponent(`refresh_token=${MARKER}&a=b`))],
    ["camelCase in a form", `grantType=x&refreshToken=${MARKER}`],
    ["a field with brackets", `form[access_token]=${MARKER}`],
    ["an inspected object", `{ accessToken: '${MARKER}', access: '${MARKER}' }`],
    ["an inspected map", `Map(1) { 'device_code' => '${MARKER}' }`],
    ["a cookie", `Cookie: a=b; sid=${MARKER}`],
    ["a quoted cookie", `cookie: "a"="b"; sid=${MARKER}`],
    ["a set cookie", `set-cookie: a=b; Path=/; x=${MARKER}`],
    ["another authorization", `authorization: Digest username="a", response="${MARKER}"`],
    ["a proxy's authorization", `Proxy-Authorization: ${MARKER}`],
    ["an API key's header", `x-api-key: ${MARKER}`],
    ["an encoded scheme", `auth=Bearer+${MARKER}`],
    ["a word with a colon", `refused refresh_token: ${MARKER}`],
    ["a quoted password", `password = "a ${MARKER}"`],
    ["a command line", `--api-key=${MARKER}`],
    ["a workspace's key", `sk-ws-abc.${MARKER}`],
    ["a key after an underscore", `my_sk-${MARKER}`],
    ["a truncated JWT", `eyJhbGciOi.${MARKER}`],
    ["an encrypted JWT", `eyJhbGciOi.a.b.c.${MARKER}`],
    ["a user and password", `https://user:${MARKER}@a.test/`],
    ["a user", `https://${MARKER}@a.test/`],
    ["a password with a slash", `https://user:${MARKER}/x@a.test`],
    ["an event stream", `data: {"id":1}\n\ndata: {"access_token":["${MARKER}"]}\n\ndata: [DONE]\n`],
    ["a text that was redacted before", `access_token=[redacted]${MARKER}`],
  ])("hides a secret in a text: %s", (_, text) => {
    expect(redact(text)).not.toContain(MARKER)
    expect(redact({ list: [text] })).not.toEqual({ list: [text] })
  })

  it("keeps the rest of a form", () => {
    expect(redact(`grant_type=refresh_token&refresh_token=${MARKER}&client_id=1`)).toBe(
      "grant_type=refresh_token&refresh_token=[redacted]&client_id=1",
    )
  })

  it.each([
    "max_tokens=5&token_type=Bearer&prompt_tokens: 7",
    '{"usage":{"total_tokens":12},"has_token":true,"access_token":null}',
    "authorization_pending: not approved yet",
    'WWW-Authenticate: Bearer error="invalid_token"',
    "https://a.test:8080/@scope/package?mail=a@b.test",
    "a task-management-system for risk-based work",
    "The key: do not lose it; the state: open",
    "100% of %E4 and %41",
    "[qwen] no {json}",
  ])("keeps a harmless text: %s", (text) => {
    expect(redact(text)).toBe(text)
  })

  it.each([
    ["a header up to the end of its line", `cookie: ${MARKER}\r\nstatus: 200`, "cookie: [redacted]\r\nstatus: 200"],
    ["within JSON", `{"a": "Bearer ${MARKER}", "b": 1}`, '{"a":"[redacted]","b":1}'],
    ["within an encoded form", `a=${encodeURIComponent(`token=${MARKER}`)}&b=1`, "a=token%3D%5Bredacted%5D&b=1"],
    ["within quotes", `{ token: '${MARKER}', status: 200 }`, "{ token: '[redacted]', status: 200 }"],
    ["the host", `http://a:${MARKER}@a.test:1/b`, "http://[redacted]@a.test:1/b"],
  ])("keeps the rest of the text: %s", (_, text, clean) => {
    expect(redact(text)).toBe(clean)
    expect(redact(clean)).toBe(clean)
  })

  it("redacts names too", () => {
    expect(redact({ [`Bearer ${MARKER}`]: 1 })).toEqual({ "[redacted]": 1 })
  })

  it("redacts headers in a flat list", () => {
    expect(
      redact([
        ["cookie", MARKER],
        ["accept", "text/html"],
      ]),
    ).toEqual([
      ["cookie", "[redacted]"],
      ["accept", "text/html"],
    ])
    expect(redact(["x-api-key", MARKER, "accept", "*/*"])).toEqual(["x-api-key", "[redacted]", "accept", "*/*"])
    expect(redact(["access_token", "refresh_token"])).toEqual(["access_token", "refresh_token"])
  })

  it("keeps the errors of an AggregateError", () => {
    expect(redact(new AggregateError([new Error(`token=${MARKER}`)], "several"))).toEqual({
      name: "AggregateError",
      message: "several",
      errors: [{ name: "Error", message: "token=[redacted]" }],
    })
  })

  it("keeps an error's causes and own fields", () => {
    const cause = Object.assign(new Error(`Bearer ${MARKER}`), { code: "ECONNRESET", token: MARKER })
    const error = new QwenAuthError("service_unreachable", "No answer.", { remedy: "Wait.", cause })
    expect(redact({ error })).toEqual({
      error: {
        name: "QwenAuthError",
        message: "No answer.",
        code: "service_unreachable",
        remedy: "Wait.",
        cause: { name: "Error", message: "[redacted]", code: "ECONNRESET", token: "[redacted]" },
      },
    })
  })

  it("redacts headers, parameters, maps and URLs", () => {
    const value = {
      headers: new Headers({ authorization: `Bearer ${MARKER}`, accept: "application/json" }),
      form: new URLSearchParams({ device_code: MARKER, client_id: "1" }),
      map: new Map([["password", MARKER]]),
      url: new URL(`https://user:${MARKER}@chat.qwen.ai/?access_token=${MARKER}`),
      set: new Set([`Bearer ${MARKER}`]),
      date: new Date(0),
      bytes: Buffer.from(MARKER),
    }
    expect(redact(value)).toEqual({
      headers: { authorization: "[redacted]", accept: "application/json" },
      form: { device_code: "[redacted]", client_id: "1" },
      map: { password: "[redacted]" },
      url: { href: "https://[redacted]@chat.qwen.ai/?access_token=[redacted]" },
      set: ["[redacted]"],
      date: "1970-01-01T00:00:00.000Z",
      bytes: `[${MARKER.length} bytes]`,
    })
  })

  it("stops at a cycle", () => {
    const loop: Record<string, unknown> = { a: 1 }
    loop["self"] = loop
    expect(redact(loop)).toEqual({ a: 1, self: "[…]" })
  })

  it("keeps an object that occurs twice", () => {
    const shared = { a: 1 }
    expect(redact([shared, shared])).toEqual([{ a: 1 }, { a: 1 }])
  })

  it("stops at a maximum depth without showing secrets beyond it", () => {
    let nested: Record<string, unknown> = { access_token: MARKER }
    for (let depth = 0; depth < 50; depth++) nested = { nested }
    expect(JSON.stringify(redact(nested))).not.toContain(MARKER)
  })

  it("returns a value that can be written as JSON", () => {
    expect(JSON.stringify(redact({ big: 10n }))).toBe('{"big":"10"}')
    expect(JSON.stringify(redact({ toJSON: () => MARKER, symbol: Symbol("a") }))).toBe(
      '{"toJSON":"[function]","symbol":"Symbol(a)"}',
    )
  })

  it("replaces a value whose getter throws", () => {
    const bad = {
      get a(): string {
        throw new Error(MARKER)
      },
    }
    expect(redact({ bad, good: 1 })).toEqual({ bad: "[unreadable]", good: 1 })
  })

  it.each([
    ["brackets", "["],
    ["escaped quotes", 'token="\\'],
    ["beginnings of URLs", "://a:b"],
    ["beginnings of JWTs", "-eyJ"],
    ["percent signs", "%25"],
    ["spaces", "token: "],
    ["backslashes", "\\"],
  ])("takes linear time for many %s", { timeout: 1_000 }, (_, text) => {
    redact(text.repeat(100_000 / text.length))
  })

  it("takes bounded time for text that is encoded many times", { timeout: 1_000 }, () => {
    let wrapped = "x"
    for (let depth = 0; depth < 30; depth++) wrapped = JSON.stringify([encodeURIComponent(wrapped)])
    redact(wrapped)
  })

  it("does not change the original", () => {
    const fields = { access_token: MARKER, list: [`Bearer ${MARKER}`] }
    redact(fields)
    expect(fields).toEqual({ access_token: MARKER, list: [`Bearer ${MARKER}`] })
  })
})

describe("redactingLogger", () => {
  it.each(["debug", "warn", "error"] as const)("redacts message and fields of %s", (level) => {
    const { log, logged } = fakePlatform()
    redactingLogger(log)[level](`sent Bearer ${MARKER}`, { token: MARKER, status: 401 })
    expect(logged).toEqual([{ level, message: "sent [redacted]", fields: { token: "[redacted]", status: 401 } }])
  })

  it("accepts a message without fields", () => {
    const { log, logged } = fakePlatform()
    redactingLogger(log).warn("plain")
    expect(logged).toEqual([{ level: "warn", message: "plain", fields: {} }])
  })

  it("hides secrets that its memory remembers", () => {
    const { log, logged } = fakePlatform()
    const memory = secretMemory()
    memory.remember(MARKER)
    redactingLogger(log, memory).warn(`refused ${MARKER}`, { why: MARKER })
    expect(logged).toEqual([{ level: "warn", message: "refused [redacted]", fields: { why: "[redacted]" } }])
  })
})
