import * as fc from "fast-check"
import { START } from "qwen-auth-testing/fake-platform"
import { always, anyText } from "qwen-auth-testing/properties"
import { credential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { formatStoredCredential, MAX_CREDENTIAL_BYTES, parseStoredCredential } from "./stored-credential.ts"

const FILE = {
  access_token: "access-1",
  refresh_token: "refresh-1",
  token_type: "Bearer",
  resource_url: "portal.qwen.ai",
  expiry_date: START,
}

const parse = (fields: Record<string, unknown>) => parseStoredCredential(JSON.stringify({ ...FILE, ...fields }))

describe("a stored account", () => {
  it("has the field names of Qwen Code's file", () => {
    expect(JSON.parse(formatStoredCredential(credential({ expiresAt: START })))).toEqual(FILE)
  })

  it("omits an unknown resource URL", () => {
    expect(formatStoredCredential(credential({ resourceUrl: undefined }))).not.toContain("resource_url")
  })

  it("is indented text with a line break at its end", () => {
    expect(formatStoredCredential(credential())).toMatch(/^\{\n {2}"access_token": "access-1",\n.*\}\n$/s)
  })

  it("includes the lifetime of the token if it is known", () => {
    expect(formatStoredCredential(credential({ expiresInS: 240 }))).toContain('"expires_in": 240')
    expect(formatStoredCredential(credential())).not.toContain("expires_in")
  })

  it("is read back as it was", () => {
    const without = [credential(), credential({ resourceUrl: undefined }), credential({ expiresAt: 0 })]
    for (const whole of [...without, credential({ expiresInS: 240 })]) {
      expect(parseStoredCredential(formatStoredCredential(whole))).toEqual(whole)
    }
  })

  it("is read from a file of Qwen Code with unknown fields", () => {
    expect(parse({ id_token: "x", scope: "openid" })).toEqual(credential({ expiresAt: START }))
  })

  it("is read with a time in fractions of milliseconds", () => {
    expect(parse({ expiry_date: START + 0.5 })).toEqual(credential({ expiresAt: START }))
  })

  it.each([null, "", 7, "a b", "a\nb"])("has no resource URL if resource_url is %j", (resource_url) => {
    expect(parse({ resource_url })).toEqual(credential({ expiresAt: START, resourceUrl: undefined }))
  })

  it.each([null, "", "soon", 0, -1, {}])("has no lifetime if expires_in is %j", (expires_in) => {
    expect(parse({ expires_in })).toEqual(credential({ expiresAt: START }))
  })

  it.each([
    ["access_token", undefined],
    ["access_token", null],
    ["access_token", ""],
    ["access_token", "a\r\nx-evil: 1"],
    ["access_token", 7],
    ["refresh_token", undefined],
    ["refresh_token", null],
    ["refresh_token", ""],
    ["expiry_date", undefined],
    ["expiry_date", null],
    ["expiry_date", ""],
    ["expiry_date", "soon"],
    ["expiry_date", "2026-11-02T10:00:00Z"],
    ["expiry_date", "-1"],
    ["expiry_date", "1e99"],
    ["expiry_date", "9".repeat(400)],
    ["expiry_date", -1],
    ["expiry_date", 1e300],
  ])("is not valid if %s is %j", (name, value) => {
    expect(parse({ [name]: value })).toBeUndefined()
  })

  it.each(["", " ", "null", "[]", "7", '"text"', "{}", "{", "access-1", "\u0000\u0000\u0000"])(
    "is not valid if the text is %j",
    (text) => {
      expect(parseStoredCredential(text)).toBeUndefined()
    },
  )

  it.each(["\uFEFF", "\r\n", " \t\u00a0\uFEFF"])("is read with %j around it", (around) => {
    const text = JSON.stringify(FILE, undefined, 2).replaceAll("\n", "\r\n")
    expect(parseStoredCredential(`${around}${text}${around}`)).toEqual(credential({ expiresAt: START }))
  })

  it.each([undefined, 1])("of version %j is read", (version) => {
    expect(parse({ version })).toEqual(credential({ expiresAt: START }))
  })

  it.each([2, 3, 1.0e9, 2.5])("of version %j is `newer`, whatever else it contains", (version) => {
    expect(parse({ version })).toBe("newer")
    expect(parseStoredCredential(JSON.stringify({ version, tokens: [] }))).toBe("newer")
  })

  it.each([0, -1, 1.5, "1", "2", null, [], {}])("of version %j is not valid", (version) => {
    expect(parse({ version })).toBeUndefined()
  })

  it("keeps the fields of other programs in the text that it replaces, and no field of ours", () => {
    const old = { access_token: "old", resource_url: "old", expires_in: 240 }
    const present = JSON.stringify({ ...FILE, ...old, id_token: "x", nested: [{}] })
    const written: unknown = JSON.parse(formatStoredCredential(credential({ expiresAt: START }), present))
    expect(written).toEqual({ ...FILE, id_token: "x", nested: [{}] })
    const bare: unknown = JSON.parse(formatStoredCredential(credential({ resourceUrl: undefined }), present))
    expect(bare).not.toHaveProperty("resource_url")
  })

  it.each(["", "{", "[1]", "null", '"text"'])("replaces %j like an empty text", (present) => {
    expect(formatStoredCredential(credential(), present)).toBe(formatStoredCredential(credential()))
  })

  it("has our version if it replaces the text of a newer version", () => {
    expect(parseStoredCredential(formatStoredCredential(credential(), '{"version":2}'))).toEqual(credential())
  })

  it("is not valid if it is truncated anywhere", () => {
    const whole = formatStoredCredential(credential()).trimEnd()
    for (let end = 0; end < whole.length; end++) expect(parseStoredCredential(whole.slice(0, end))).toBeUndefined()
  })

  it("is either complete or missing, whatever the file contains", () => {
    const fields = fc.constantFrom(...Object.keys(FILE))
    const values = fc.oneof(fc.jsonValue(), anyText, fc.double())
    always(
      fc.property(fields, values, (name, value) => {
        const parsed = parse({ [name]: value })
        if (parsed !== undefined && parsed !== "newer") {
          expect(parseStoredCredential(formatStoredCredential(parsed))).toEqual(parsed)
        }
      }),
    )
    always(fc.property(anyText, (text) => parseStoredCredential(text) === undefined))
  })
})

describe("an account in the format of opencode-qwen-cli-auth", () => {
  const { token_type: _, expiry_date: __, ...tokens } = FILE
  const THEIRS = { ...tokens, resource_url: "https://portal.qwen.ai" }
  const WANTED = credential({ expiresAt: START, resourceUrl: "https://portal.qwen.ai" })
  const parseTheirs = (fields: Record<string, unknown>) =>
    parseStoredCredential(JSON.stringify({ ...THEIRS, ...fields }))

  it.each([START, START + 0.5, String(START), ` ${START}.0 `])("is read with expires %j", (expires) => {
    expect(parseTheirs({ expires })).toEqual(WANTED)
  })

  it("is read with expiry_date as text, as its later versions write it", () => {
    expect(parseTheirs({ expiry_date: String(START) })).toEqual(WANTED)
  })

  it("expires at expiry_date unless that is not a time", () => {
    expect(parseTheirs({ expires: 1, expiry_date: START })).toEqual(WANTED)
    expect(parseTheirs({ expires: START, expiry_date: "soon" })).toEqual(WANTED)
  })

  it.each([undefined, null, "", "soon", -1, {}])("is not valid if expires is %j", (expires) => {
    expect(parseTheirs({ expires })).toBeUndefined()
  })

  it("is never written, also where the fields of other programs stay", () => {
    const present = JSON.stringify({ ...THEIRS, expires: 1, id_token: "x" })
    const written: unknown = JSON.parse(formatStoredCredential(credential({ expiresAt: START }), present))
    expect(written).toEqual({ ...FILE, id_token: "x" })
  })
})

it("the space for the largest credential is enough for the longest tokens", () => {
  const token = "x".repeat(16 * 1024)
  const longest = { accessToken: token, refreshToken: token, resourceUrl: "x".repeat(2048), expiresAt: START }
  expect(formatStoredCredential(credential(longest)).length).toBeLessThanOrEqual(MAX_CREDENTIAL_BYTES)
})
