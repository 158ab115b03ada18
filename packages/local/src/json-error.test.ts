import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { jsonErrorPosition } from "./json-error.ts"

/** What the platform says. Its message is not looked at: Bun's names no place. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON with a few characters put in, taken out or doubled. */
const almostJson = fc
  .tuple(fc.json(), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.constantFrom(...'{}[],:"\\ \n0.e-tu'))))
  .map(([json, changes]) =>
    changes.reduce((text, [seed, cut, put]) => {
      const at = seed % (text.length + 1)
      return text.slice(0, at) + put + text.slice(at + cut)
    }, json),
  )

describe("the place where a text stops being JSON", () => {
  it.each<[string, number, number]>([
    ["", 1, 1],
    ["   ", 1, 4],
    ["\n\n", 3, 1],
    ["{", 1, 2],
    ['{"a"', 1, 5],
    ['{"a" 1}', 1, 6],
    ['{"a":}', 1, 6],
    ['{"a":1,}', 1, 8],
    ['{"a":1 "b":2}', 1, 8],
    ["{a:1}", 1, 2],
    ["{'a':1}", 1, 2],
    ["{7:1}", 1, 2],
    ["{,}", 1, 2],
    ['{\n  "qwenMode": true,\n  "credentials": own\n}', 3, 18],
    ['{\r\n  "qwenMode": True\r\n}', 2, 15],
    ['{\n\t"a": 1,\n}', 3, 1],
    ['{\n  "a": 1 // a comment\n}', 2, 10],
    ["[", 1, 2],
    ["[1", 1, 3],
    ["[1,", 1, 4],
    ["[1,]", 1, 4],
    ["[1 2]", 1, 4],
    ["[}", 1, 2],
    ["{]", 1, 2],
    ["{}}", 1, 3],
    ["{} {}", 1, 4],
    ["01", 1, 2],
    ["1.", 1, 2],
    ["+1", 1, 1],
    [".5", 1, 1],
    ["1e", 1, 2],
    ["NaN", 1, 1],
    ["undefined", 1, 1],
    ["nul", 1, 1],
    ["trueish", 1, 5],
    ['"open', 1, 1],
    ['"a\nb"', 1, 1],
    ['"\\x"', 1, 1],
    ['"\\u12"', 1, 1],
    ['["fine", "\\q"]', 1, 10],
    ["\uFEFF{}", 1, 1],
    ["\u00A0{}", 1, 1],
  ])("%j: line %i, column %i", (text, line, column) => {
    expect(jsonErrorPosition(text)).toEqual({ line, column })
  })

  it.each(["{}", " [ ] ", '{"a":{"b":[1,-0.5e+3,"\\u00e9\\"\\\\",true,false,null]}}\r\n', '"\u2028"', '{"":0,"":1}'])(
    "is nowhere in %j",
    (text) => {
      expect(jsonErrorPosition(text)).toBeUndefined()
    },
  )

  it("is nowhere in anything that was serialised", () => {
    always(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        expect(jsonErrorPosition(JSON.stringify(value, undefined, indent))).toBeUndefined()
      }),
      200,
    )
  })

  it("is there whenever the platform's own parser refuses the text, and only then", () => {
    always(
      fc.property(fc.oneof(almostJson, anyText), (text) => {
        expect(jsonErrorPosition(text) === undefined).toBe(isJson(text))
      }),
      500,
    )
  })

  it("is a place in the text, or right behind its end", () => {
    always(
      fc.property(almostJson, (text) => {
        const place = jsonErrorPosition(text)
        fc.pre(place !== undefined)
        const lines = text.split("\n")
        expect(place.line).toBeLessThanOrEqual(lines.length)
        expect(place.column).toBeLessThanOrEqual((lines[place.line - 1] ?? "").length + 1)
      }),
    )
  })

  it.each([
    ["brackets", "[".repeat(100_000)],
    ["objects", '{"a":'.repeat(100_000)],
  ])("is found however deep the text goes: %s", (_, text) => {
    expect(jsonErrorPosition(text)).toEqual({ line: 1, column: text.length + 1 })
  })

  it("is found behind a long text", () => {
    const long = JSON.stringify({ a: "x".repeat(1_000_000) })
    expect(jsonErrorPosition(`${long},`)).toEqual({ line: 1, column: long.length + 1 })
  })
})
