import * as fc from "fast-check"
import { expect, it } from "vitest"
import { always, anyText } from "../testing/properties.ts"
import { plainJson } from "./plain-json.ts"

it.each([
  ["escape sequences", "\u001b[31m \u009b2J", '"\\u001b[31m \\u009b2J"'],
  ["bidirectional overrides", "a\u202eb", '"a\\u202eb"'],
  ["what is no letter beyond the first plane", "\u{e0001}", '"\\udb40\\udc01"'],
  ["nothing", undefined, "null"],
])("escapes %s", (_, value, json) => {
  expect(plainJson(value)).toBe(json)
})

it("breaks lines where it is told to", () => {
  expect(plainJson({ a: "b\nc" }, 2)).toBe('{\n  "a": "b\\nc"\n}')
})

it("is the same value, and one line without control characters", () => {
  always(
    fc.property(anyText, (text) => {
      const json = plainJson({ text })
      expect(JSON.parse(json)).toEqual({ text })
      return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(json)
    }),
  )
})
