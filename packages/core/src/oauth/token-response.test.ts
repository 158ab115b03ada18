import * as fc from "fast-check"
import { START } from "qwen-auth-testing/fake-platform"
import { always, anyText } from "qwen-auth-testing/properties"
import { HOUR, TOKENS } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { oauthCredential } from "../credentials/credential.ts"
import { formatStoredCredential, parseStoredCredential } from "../credentials/stored-credential.ts"
import { readAnswer } from "../http/answer.ts"
import { parseTokenResponse } from "./token-response.ts"

function parse(fields: unknown, headers: Record<string, string> = {}) {
  const json = typeof fields === "object" && fields !== null ? { ...fields } : undefined
  return parseTokenResponse({ json, headers: new Headers(headers) }, START)
}

/** Checks that the result is undefined, or tokens that can be sent, stored and read again. */
function expectNothingOrComplete(tokens: ReturnType<typeof parseTokenResponse>): void {
  if (tokens === undefined) return
  expect(tokens.accessToken).toMatch(/^[\x21-\x7e]+$/)
  expect(new Headers({ authorization: `Bearer ${tokens.accessToken}` }).get("authorization")).toContain("Bearer ")
  expect(Number.isInteger(tokens.expiresInS)).toBe(true)
  expect(tokens.expiresInS).toBeGreaterThanOrEqual(1)
  expect(tokens.expiresInS).toBeLessThanOrEqual(30 * 24 * 3600)
  const credential = oauthCredential(tokens, { refreshToken: "refresh-1", resourceUrl: "portal.qwen.ai" })
  expect(parseStoredCredential(formatStoredCredential(credential))).toEqual(credential)
}

async function parseText(body: string, contentType = "application/json") {
  return parseTokenResponse(await readAnswer(new Response(body, { headers: { "content-type": contentType } })), START)
}

describe("parseTokenResponse", () => {
  it("reads Qwen's response", () => {
    expect(parse(TOKENS)).toEqual({
      accessToken: "access-2",
      refreshToken: "refresh-2",
      resourceUrl: "portal.qwen.ai",
      expiresInS: 21_600,
      receivedAt: START,
      clockSkewMs: undefined,
    })
  })

  it.each([
    ["none", {}, START, undefined],
    ["junk", { date: "soon" }, START, undefined],
    ["ours within a minute", { date: new Date(START + 59_000).toUTCString() }, START, 0],
    ["12 h ahead", { date: new Date(START + 12 * HOUR).toUTCString() }, START + 12 * HOUR, 12 * HOUR],
    ["12 h behind", { date: new Date(START - 12 * HOUR).toUTCString() }, START - 12 * HOUR, -12 * HOUR],
  ])("dates it by the server's clock, with Date: %s", (_, headers, receivedAt, clockSkewMs) => {
    expect(parse(TOKENS, headers)).toMatchObject({ receivedAt, clockSkewMs })
  })

  it.each([
    ["absent", undefined, 3_600],
    ["null", null, 3_600],
    ["zero", 0, 3_600],
    ["negative", -1, 3_600],
    ["below a second", 0.5, 3_600],
    ["fractional", 7_199.9, 7_199],
    ["a number as text", "7200", 7_200],
    ["a fraction as text", " 7200.5 ", 7_200],
    ["an empty text", "", 3_600],
    ["not a number", "NaN", 3_600],
    ["a negative text", "-7200", 3_600],
    ["absurd", 1e30, 2_592_000],
    ["an absurd text", "9".repeat(400), 3_600],
    ["infinite", Number.POSITIVE_INFINITY, 3_600],
    ["NaN", Number.NaN, 3_600],
    ["true", true, 3_600],
    ["a list", [7200], 3_600],
    ["one second", 1, 1],
    ["thirty days and a second", 2_592_001, 2_592_000],
  ])("expires_in %s (%j): %i s", (_, expires_in, seconds) => {
    expect(parse({ ...TOKENS, expires_in })?.expiresInS).toBe(seconds)
  })

  it.each([
    ["absent", undefined],
    ["null", null],
    ["empty", ""],
    ["a number", 7],
    ["with a space", "a b"],
    ["with a line break", "a\r\nx-evil: 1"],
    ["beyond ASCII", "tökén"],
    ["over 16 KiB", "a".repeat(16 * 1024 + 1)],
  ])("access_token %s: no tokens", (_, access_token) => {
    expect(parse({ ...TOKENS, access_token })).toBeUndefined()
  })

  it.each(["Bearer", "bearer", "BEARER", "", null, undefined])("token_type %j counts as Bearer", (token_type) => {
    expect(parse({ ...TOKENS, token_type })?.accessToken).toBe("access-2")
  })

  it.each(["mac", "Bearer token", 7, {}])("token_type %j is rejected (RFC 6749 §7.1)", (token_type) => {
    expect(parse({ ...TOKENS, token_type })).toBeUndefined()
  })

  it.each([
    ["refresh_token", "refreshToken"],
    ["resource_url", "resourceUrl"],
  ] as const)("an unusable %s counts as absent", (field, name) => {
    for (const value of [null, "", 7, "a b", "a\nb", {}, []]) {
      expect(parse({ ...TOKENS, [field]: value })).toMatchObject({ accessToken: "access-2", [name]: undefined })
    }
  })
})

describe("for any response, parseTokenResponse returns complete tokens or nothing:", () => {
  it("any JSON value", () => {
    always(fc.property(fc.jsonValue(), (value) => expectNothingOrComplete(parse(value))))
  })

  it("a valid response with any field replaced by any JSON value", () => {
    const field = fc.constantFrom(...Object.keys(TOKENS))
    always(
      fc.property(field, fc.jsonValue(), (name, value) => expectNothingOrComplete(parse({ ...TOKENS, [name]: value }))),
    )
  })

  it("a valid response with any field replaced by any text or number", () => {
    const field = fc.constantFrom(...Object.keys(TOKENS))
    const value = fc.oneof(anyText, fc.double(), fc.maxSafeInteger())
    always(fc.property(field, value, (name, item) => expectNothingOrComplete(parse({ ...TOKENS, [name]: item }))))
  })

  it("a valid response truncated at any position", async () => {
    const whole = JSON.stringify(TOKENS)
    for (let end = 0; end < whole.length; end++) expect(await parseText(whole.slice(0, end))).toBeUndefined()
    expect((await parseText(whole))?.accessToken).toBe("access-2")
  })

  it("any text", async () => {
    await fc.assert(fc.asyncProperty(anyText, async (body) => expectNothingOrComplete(await parseText(body))))
  })

  it.each([
    "<!DOCTYPE html><html></html>",
    "<!doctypehtml><meta name='aliyun_waf_aa'>",
    "null",
    "[]",
    '"text"',
    "7",
    "{}",
  ])("%s: no tokens", async (body) => {
    expect(await parseText(body)).toBeUndefined()
  })
})
