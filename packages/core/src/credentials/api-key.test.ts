import * as fc from "fast-check"
import { thrownBy } from "qwen-auth-testing/failure-of"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { QwenAuthError } from "../errors.ts"
import { isApiKey, normalizeApiKey, parseApiKeyKind } from "./api-key.ts"

const HEX = "0123456789abcdef0123456789abcdef"

describe("the form of an API key", () => {
  it.each([
    [`sk-sp-${HEX}`, "plan"],
    ["sk-sp-12345678", "plan"],
    [`sk-ws-${HEX}`, "workspace"],
    ["sk-ws-H.ABCD.0123-4567_89", "workspace"],
    [`sk-${HEX}`, "standard"],
    ["sk-12345678", "standard"],
    ["sk-spare-key-of-mine", "standard"],
    [`sk-${"x".repeat(500)}`, "standard"],
  ])("%s: %s", (key, form) => {
    expect(parseApiKeyKind(key)).toBe(form)
    expect(isApiKey(key)).toBe(true)
  })

  it.each([
    ["another maker's", "AIza0123456789"],
    ["in capitals", `SK-SP-${HEX}`],
    ["too short", "sk-1234567"],
    ["the beginning alone", "sk-sp-"],
    ["too long", `sk-${"x".repeat(501)}`],
    ["with a space in it", "sk-sp-1234 5678"],
    ["with a space behind it", "sk-sp-12345678 "],
    ["with a line break behind it", "sk-sp-12345678\n"],
    ["two in two lines", `sk-sp-${HEX}\nsk-sp-${HEX}`],
    ["with a letter that no header can carry", "sk-sp-12345678é"],
    ["with a full-width letter", "sk-sp-１2345678"],
    ["with a zero-width space in it", "sk-sp-1234\u200b5678"],
    ["masked with dots", "sk-sp-1234••••5678"],
  ])("is none: %s, and the text is not repeated", async (_, key) => {
    const error = await thrownBy(() => parseApiKeyKind(key))
    expect(isApiKey(key)).toBe(false)
    expect(error.code).toBe("api_key_malformed")
    expect(error.message).toBe("This is not a valid Model Studio API key.")
    expect(error.remedy).toContain("sk-sp- (Coding or Token Plan)")
  })

  it.each(["o1_c2stc3AtMTIzNDU2Nzg=", "export KEY=o1_c2stc3AtMTIzNDU2Nzg=="])(
    "%s, hidden by the console's page and ending in =, is not taken for a variable's name",
    async (text) => {
      const { message } = await thrownBy(() => parseApiKeyKind(normalizeApiKey(text)))
      expect(message).toContain("how the console's page hides a key")
    },
  )

  it("is none of what the console's page holds, and that is told apart", async () => {
    const { message, remedy } = await thrownBy(() => parseApiKeyKind(`o1_${HEX}`))
    expect(message).toBe("This is how the console's page hides a key (o1_…), not the key.")
    expect(remedy).toBe(
      "Use the copy button beside the key: https://home.qwencloud.com/api-keys (China: https://platform.qianwenai.com/home/api-keys).",
    )
  })

  it("is none of an empty text, which is told apart", async () => {
    expect((await thrownBy(() => parseApiKeyKind(""))).message).toBe("There is no API key.")
  })

  it("is that of what a header can carry, whatever the text", () => {
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

describe("what people paste around a key", () => {
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
    ["one with single quotes", `export BAILIAN_TOKEN_PLAN_API_KEY='${KEY}'`],
    ["one with more spaces", `  export   DASHSCOPE_API_KEY=${KEY}`],
    ["a header's value", `Bearer ${KEY}`],
    ["one in small letters", `bearer  ${KEY}`],
    ["one with a space that does not break", `Bearer\u00a0${KEY}`],
    ["one in quotes", `"Bearer ${KEY}"`],
    ["a variable that holds one", `AUTHORIZATION='Bearer ${KEY}'`],
    ["a header", `Authorization: Bearer ${KEY}`],
    ["a variable in PowerShell", `$env:KEY_2 = "${KEY}"`],
    ["a quoted assignment", `"DASHSCOPE_API_KEY=${KEY}"`],
    ["what a page adds", `\u200b“${KEY}”;`],
  ])("is taken off: %s", (_, text) => {
    expect(normalizeApiKey(text)).toBe(KEY)
  })

  it.each([
    ["a space within", "sk-sp-1234 5678"],
    ["an equals sign within", "sk-1234=5678"],
    ["two keys", `${KEY} ${KEY}`],
    ["the word alone", "Bearer"],
  ])("is left when it may be part of the key: %s", (_, text) => {
    expect(normalizeApiKey(text)).toBe(text)
  })

  it.each(["", " ", '""', "DASHSCOPE_API_KEY=", "\u00a0"])("of %j nothing is left", (text) => {
    expect(normalizeApiKey(text)).toBe("")
  })

  it("is taken off any key, and nothing is taken off the key itself", () => {
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
