import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { expect, it } from "vitest"
import { safeStringify } from "./safe-stringify.ts"

it.each([
  ["escape sequences as escaped characters", "\u001b[31m \u009b2J", '"\\u001b[31m \\u009b2J"'],
  ["bidirectional overrides as escaped characters", "a\u202eb", '"a\\u202eb"'],
  ["an invisible character beyond the first plane as escaped characters", "\u{e0001}", '"\\udb40\\udc01"'],
  ["undefined as null", undefined, "null"],
])("writes %s", (_, value, json) => {
  expect(safeStringify(value)).toBe(json)
})

it("indents by the given number of spaces", () => {
  expect(safeStringify({ a: "b\nc" }, 2)).toBe('{\n  "a": "b\\nc"\n}')
})

it("keeps any value and returns one line without control characters", () => {
  always(
    fc.property(anyText, (text) => {
      const json = safeStringify({ text })
      expect(JSON.parse(json)).toEqual({ text })
      return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(json)
    }),
  )
})
