import { describe, expect, it } from "vitest"
import { QwenAuthError } from "../errors.ts"
import { fakeWorld } from "../testing/fake-world.ts"
import { redact, redactingLogger } from "./redact.ts"

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
  ])("hides what is under the name %s", (name) => {
    expect(redact({ [name]: MARKER })).toEqual({ [name]: "[redacted]" })
  })

  it("keeps what is no secret", () => {
    const fields = { status: 401, code: "invalid_api", why: "read ECONNRESET", ok: true, none: null, left: undefined }
    expect(redact(fields)).toEqual(fields)
  })

  it("looks into objects and lists", () => {
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
  ])("hides it in a text: %s", (_, text) => {
    expect(redact(text)).not.toContain(MARKER)
    expect(redact({ list: [text] })).not.toEqual({ list: [text] })
  })

  it("keeps the rest of such a text", () => {
    expect(redact(`grant_type=refresh_token&refresh_token=${MARKER}&client_id=1`)).toBe(
      "grant_type=refresh_token&refresh_token=[redacted]&client_id=1",
    )
  })

  it("tells an error with its causes and its own fields", () => {
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

  it("reads headers, parameters, maps and URLs", () => {
    const value = {
      headers: new Headers({ authorization: `Bearer ${MARKER}`, accept: "application/json" }),
      form: new URLSearchParams({ device_code: MARKER, client_id: "1" }),
      map: new Map([["password", MARKER]]),
      url: new URL(`https://chat.qwen.ai/?access_token=${MARKER}`),
    }
    expect(redact(value)).toEqual({
      headers: { authorization: "[redacted]", accept: "application/json" },
      form: { device_code: "[redacted]", client_id: "1" },
      map: { password: "[redacted]" },
      url: { href: "https://chat.qwen.ai/?access_token=[redacted]" },
    })
  })

  it("ends in a cycle", () => {
    const loop: Record<string, unknown> = { a: 1 }
    loop["self"] = loop
    expect(redact(loop)).toEqual({ a: 1, self: "[…]" })
  })

  it("shows an object twice that stands in two places", () => {
    const shared = { a: 1 }
    expect(redact([shared, shared])).toEqual([{ a: 1 }, { a: 1 }])
  })

  it("stops at a depth nobody reads, also with a secret beyond it", () => {
    let nested: Record<string, unknown> = { access_token: MARKER }
    for (let depth = 0; depth < 50; depth++) nested = { nested }
    expect(JSON.stringify(redact(nested))).not.toContain(MARKER)
  })

  it("gives what can be written as JSON", () => {
    expect(JSON.stringify(redact({ big: 10n }))).toBe('{"big":"10"}')
  })

  it("leaves the original alone", () => {
    const fields = { access_token: MARKER, list: [`Bearer ${MARKER}`] }
    redact(fields)
    expect(fields).toEqual({ access_token: MARKER, list: [`Bearer ${MARKER}`] })
  })
})

describe("redactingLogger", () => {
  it.each(["debug", "warn", "error"] as const)("cleans message and fields of %s", (level) => {
    const { log, logged } = fakeWorld()
    redactingLogger(log)[level](`sent Bearer ${MARKER}`, { token: MARKER, status: 401 })
    expect(logged).toEqual([{ level, message: "sent [redacted]", fields: { token: "[redacted]", status: 401 } }])
  })

  it("takes a message without fields", () => {
    const { log, logged } = fakeWorld()
    redactingLogger(log).warn("plain")
    expect(logged).toEqual([{ level: "warn", message: "plain", fields: {} }])
  })
})
