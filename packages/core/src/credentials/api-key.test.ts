import * as fc from "fast-check"
import { thrownBy } from "qwen-auth-testing/failure-of"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { QwenAuthError } from "../errors.ts"
import { isApiKey, normalizeApiKey, parseApiKeyKind } from "./api-key.ts"

const HEX = "0123456789abcdef0123456789abcdef"

describe("an API key", () => {
  it.each([
    [`sk-sp-${HEX}`, "plan"],
    ["sk-sp-12345678", "plan"],
    [`sk-ws-${HEX}`, "workspace"],
    ["sk-ws-H.ABCD.0123-4567_89", "workspace"],
    [`sk-${HEX}`, "standard"],
    ["sk-12345678", "standard"],
    ["sk-spare-key-of-mine", "standard"],
    [`sk-${"x".repeat(500)}`, "standard"],
  ])("%s is of the kind %s", (key, kind) => {
    expect(parseApiKeyKind(key)).toBe(kind)
    expect(isApiKey(key)).toBe(true)
  })

  it.each([
    ["a key of another service", "AIza0123456789"],
    ["a key in capitals", `SK-SP-${HEX}`],
    ["a key that is too short", "sk-1234567"],
    ["a prefix alone", "sk-sp-"],
    ["a key that is too long", `sk-${"x".repeat(501)}`],
    ["a key with a space in it", "sk-sp-1234 5678"],
    ["a key with a space behind it", "sk-sp-12345678 "],
    ["a key with a line break behind it", "sk-sp-12345678\n"],
    ["two keys in two lines", `sk-sp-${HEX}\nsk-sp-${HEX}`],
    ["a key with a letter that a header cannot carry", "sk-sp-12345678é"],
    ["a key with a full-width digit", "sk-sp-１2345678"],
    ["a key with a zero-width space in it", "sk-sp-1234\u200b5678"],
    ["a key that is masked with dots", "sk-sp-1234••••5678"],
  ])("is not %s, and the error does not repeat the text", async (_, key) => {
    const error = await thrownBy(() => parseApiKeyKind(key))
    expect(isApiKey(key)).toBe(false)
    expect(error.code).toBe("api_key_malformed")
    expect(error.message).toBe("This is not a valid Model Studio API key.")
    expect(error.remedy).toContain("sk-sp- (Coding or Token Plan)")
  })

  it.each(["o1_c2stc3AtMTIzNDU2Nzg=", "export KEY=o1_c2stc3AtMTIzNDU2Nzg=="])(
    "has its own error for %s, a hidden key that ends like the name of a variable",
    async (text) => {
      const { message } = await thrownBy(() => parseApiKeyKind(normalizeApiKey(text)))
      expect(message).toContain("how the console's page hides a key")
    },
  )

  it("has its own error for the form in which the console's page hides a key", async () => {
    const { message, remedy } = await thrownBy(() => parseApiKeyKind(`o1_${HEX}`))
    expect(message).toBe("This is how the console's page hides a key (o1_…), not the key.")
    expect(remedy).toBe(
      "Use the copy button beside the key: https://home.qwencloud.com/api-keys (China: https://platform.qianwenai.com/home/api-keys).",
    )
  })

  it("has its own error for an empty text", async () => {
    expect((await thrownBy(() => parseApiKeyKind(""))).message).toBe("There is no API key.")
  })

  it("can always be sent in a header, whatever text was accepted", () => {
    const start = fc.constantFrom("sk-", "sk-sp-", "sk-ws-", "")
    always(
      fc.property(start, fc.oneof(anyText, fc.string({ maxLength: 30 })), (begin, rest) => {
        const key = `${begin}${rest}`
        try {
          parseApiKeyKind(key)
          expect(isApiKey(key)).toBe(true)
          expect(new Headers({ authorization: `Bearer ${key}` }).get("authorization")).toBe(`Bearer ${key}`)
        } catch (error) {
          if (!QwenAuthError.isInstance(error)) throw error
          expect(isApiKey(key)).toBe(false)
          expect(key.length > 12 && error.sentence.includes(key)).toBe(false)
        }
      }),
      500,
    )
  })
})

describe("text that is pasted together with a key", () => {
  const KEY = `sk-sp-${HEX}`

  it.each([
    ["nothing", KEY],
    ["spaces", `  ${KEY}\t`],
    ["line breaks", `\r\n${KEY}\r\n`],
    ["spaces that do not break", `\u00a0${KEY}\u00a0`],
    ["a byte order mark", `\ufeff${KEY}`],
    ["quotes", `"${KEY}"`],
    ["single quotes", `'${KEY}'`],
    ["backticks", `\`${KEY}\``],
    ["quotes and spaces", ` " ${KEY} " `],
    ["a variable", `DASHSCOPE_API_KEY=${KEY}`],
    ["a line of a shell's profile", `export BAILIAN_CODING_PLAN_API_KEY="${KEY}"\n`],
    ["a line with single quotes", `export BAILIAN_TOKEN_PLAN_API_KEY='${KEY}'`],
    ["a line with more spaces", `  export   DASHSCOPE_API_KEY=${KEY}`],
    ["a header's value", `Bearer ${KEY}`],
    ["a header's value in small letters", `bearer  ${KEY}`],
    ["a header's value with a space that does not break", `Bearer\u00a0${KEY}`],
    ["a header's value in quotes", `"Bearer ${KEY}"`],
    ["a variable with a header's value", `AUTHORIZATION='Bearer ${KEY}'`],
    ["a header", `Authorization: Bearer ${KEY}`],
    ["a variable in PowerShell", `$env:KEY_2 = "${KEY}"`],
    ["a quoted assignment", `"DASHSCOPE_API_KEY=${KEY}"`],
    ["typographic quotes and a zero-width space", `\u200b“${KEY}”;`],
  ])("is removed: %s", (_, text) => {
    expect(normalizeApiKey(text)).toBe(KEY)
  })

  it.each([
    ["a space within", "sk-sp-1234 5678"],
    ["an equals sign within", "sk-1234=5678"],
    ["two keys", `${KEY} ${KEY}`],
    ["a scheme alone", "Bearer"],
  ])("is kept if it may be part of the key: %s", (_, text) => {
    expect(normalizeApiKey(text)).toBe(text)
  })

  it.each(["", " ", '""', "DASHSCOPE_API_KEY=", "\u00a0"])("leaves an empty text of %j", (text) => {
    expect(normalizeApiKey(text)).toBe("")
  })

  it("is removed from any key, and the key itself stays whole", () => {
    const key = fc.string({ unit: fc.constantFrom(..."abcXYZ0189-._~"), minLength: 8, maxLength: 64 })
    const around = fc.constantFrom<[string, string]>(
      ["", ""],
      [" ", "\n"],
      ['"', '"'],
      ["export A_KEY='", "'"],
      ["Bearer ", ""],
    )
    always(
      fc.property(fc.constantFrom("sk-", "sk-sp-", "sk-ws-"), key, around, (start, rest, [before, behind]) => {
        expect(normalizeApiKey(`${before}${start}${rest}${behind}`)).toBe(`${start}${rest}`)
      }),
    )
  })
})
