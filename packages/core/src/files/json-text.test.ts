import { describe, expect, it } from "vitest"
import { parseJsonText } from "./json-text.ts"

const AROUND = ["\uFEFF", "\uFEFF\uFEFF", "\r\n", " \t\n", "\u00a0", "\v\f", "\uFEFF\r\n \uFEFF"]

describe("parseJsonText", () => {
  it.each([{ a: [1, "two", null] }, [], "text", 7, null, false])("returns the value %j", (value) => {
    expect(parseJsonText(JSON.stringify(value))).toEqual(value)
  })

  it.each(AROUND)("ignores %j around the value", (around) => {
    expect(parseJsonText(`${around}{\r\n"a": 1\r\n}${around}`)).toEqual({ a: 1 })
  })

  it("keeps white space within strings", () => {
    expect(parseJsonText('"\uFEFF a \u00a0"')).toBe("\uFEFF a \u00a0")
  })

  it.each(["", " ", "\uFEFF", "{", '{"a":1}}', "undefined", "\u0000\u0001", "{'a': 1}"])(
    "returns undefined for invalid JSON: %j",
    (junk) => {
      expect(parseJsonText(junk)).toBeUndefined()
    },
  )
})
