import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { credential, keyCredential } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { PLANS } from "../catalog/plans.ts"
import { parseApiEndpoint } from "../model-studio/endpoint-address.ts"
import type { ApiKeyCredential } from "./credential.ts"
import { formatStoredCredential, parseStoredCredential } from "./stored-credential.ts"

/** The catalogue's, and those that a user can enter. */
const ENDPOINTS = [
  ...PLANS.flatMap(({ endpoints }) => endpoints),
  ...["maas.qwencloudapi.com", "token-plan.maas.qianwenaiapi.com", "ws-1.eu-central-1.maas.aliyuncs.com"].map(
    parseApiEndpoint,
  ),
]

const stored = (fields: Readonly<Record<string, unknown>>) =>
  JSON.stringify({ ...JSON.parse(formatStoredCredential(keyCredential())), ...fields })

describe("a stored credential of either kind", () => {
  it("is read back as it was: a Qwen account", () => {
    const account = credential({ resourceUrl: undefined })
    expect(parseStoredCredential(formatStoredCredential(account))).toEqual(account)
    expect(parseStoredCredential(formatStoredCredential(credential()))).toEqual(credential())
  })

  it.each(ENDPOINTS)("is read back as it was: an API key of $plan, $region", (endpoint) => {
    const key: ApiKeyCredential = { type: "api_key", apiKey: "sk-key-of-the-test", ...endpoint }
    expect(parseStoredCredential(formatStoredCredential(key))).toEqual(key)
  })

  it("is read back as it was, whatever the tokens and the key contain", () => {
    const signs = fc.array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1 })
    const token = signs.map((codes) => String.fromCharCode(...codes))
    const apiKey = fc.stringMatching(/^sk-(sp-|ws-)?[\w.~+/=-]{12,60}$/)
    always(
      fc.property(token, token, apiKey, (accessToken, refreshToken, anyKey) => {
        const account = credential({ accessToken, refreshToken })
        const key = keyCredential({ apiKey: anyKey })
        expect(parseStoredCredential(formatStoredCredential(account))).toEqual(account)
        expect(parseStoredCredential(formatStoredCredential(key))).toEqual(key)
      }),
    )
  })

  it.each([credential(), keyCredential()])(
    "is read back as it was with a byte order mark and space around it",
    (signIn) => {
      expect(parseStoredCredential(`\uFEFF${formatStoredCredential(signIn)}\r\n`)).toEqual(signIn)
    },
  )

  it.each([
    ["nothing", ""],
    ["spaces", "  "],
    ["a text", "sk-sp-key-of-the-test"],
    ["a list", "[]"],
    ["null", "null"],
    ["a truncated one", formatStoredCredential(keyCredential()).slice(0, -3)],
    ["no key", stored({ api_key: undefined })],
    ["an empty key", stored({ api_key: "" })],
    ["a key with a line break", stored({ api_key: "sk-key\r\nx: y" })],
    ["a key with a character that keys do not have", stored({ api_key: "sk-abc!defgh123" })],
    ["a key that is too short", stored({ api_key: "sk-1234567" })],
    ["a key that is a number", stored({ api_key: 5 })],
    ["an unknown plan", stored({ plan: "gold-plan" })],
    ["an unknown region", stored({ region: "moon" })],
    ["no address", stored({ base_url: null })],
    ["another type", stored({ type: "session" })],
    ["an account without a refresh token", JSON.stringify({ access_token: "a", expiry_date: 1 })],
  ])("is not valid if it is %s", (_, text) => expect(parseStoredCredential(text)).toBeUndefined())

  it("is not valid if it is any other text", () => {
    always(
      fc.property(fc.oneof(anyText, fc.json()), (text) => {
        expect(parseStoredCredential(text)).toBeUndefined()
      }),
    )
  })

  it("is `newer` if a newer version wrote it", () => {
    expect(
      parseStoredCredential(JSON.stringify({ ...JSON.parse(formatStoredCredential(credential())), version: 2 })),
    ).toBe("newer")
    expect(parseStoredCredential(stored({ version: 2, plan: "gold-plan" }))).toBe("newer")
  })

  it("keeps no field of the other kind that it replaces", () => {
    const overKey = JSON.parse(formatStoredCredential(credential(), formatStoredCredential(keyCredential())))
    expect(overKey).toEqual(JSON.parse(formatStoredCredential(credential())))
    expect(formatStoredCredential(keyCredential(), formatStoredCredential(credential()))).not.toContain("token")
  })

  it("is `newer` if a newer version wrote a key with a plan known today", () => {
    expect(parseStoredCredential(stored({ version: 2 }))).toBe("newer")
  })
})
