import { describe, expect, it } from "vitest"
import { parseJsonText } from "./json-text.ts"

const AROUND = ["\uFEFF", "\uFEFF\uFEFF", "\r\n", " \t\n", "\u00a0", "\v\f", "\uFEFF\r\n \uFEFF"]

describe("a JSON text", () => {
  it.each([{ a: [1, "two", null] }, [], "text", 7, null, false])("is its value: %j", (value) => {
    expect(parseJsonText(JSON.stringify(value))).toEqual(value)
  })

  it.each(AROUND)("is its value with %j around it", (around) => {
    expect(parseJsonText(`${around}{\r\n"a": 1\r\n}${around}`)).toEqual({ a: 1 })
  })

  it("keeps what is within its texts", () => {
    expect(parseJsonText('"\uFEFF a \u00a0"')).toBe("\uFEFF a \u00a0")
  })

  it.each(["", " ", "\uFEFF", "{", '{"a":1}}', "undefined", "\u0000\u0001", "{'a': 1}"])(
    "is undefined for junk: %j",
    (junk) => {
      expect(parseJsonText(junk)).toBeUndefined()
    },
  )
})
