import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { syntaxErrorPosition, WITH_COMMENTS } from "./json-syntax.ts"

/** Returns whether the platform's parser accepts the text. Its message is ignored, because Bun's has no position. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON with a few characters inserted, removed or doubled. */
const almostJson = fc
  .tuple(fc.json(), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.constantFrom(...'{}[],:"\\ \n0.e-tu'))))
  .map(([json, changes]) =>
    changes.reduce((text, [seed, cut, put]) => {
      const at = seed % (text.length + 1)
      return text.slice(0, at) + put + text.slice(at + cut)
    }, json),
  )

describe("the position of the first syntax error", () => {
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
    ["1.", 1, 1],
    ["+1", 1, 1],
    [".5", 1, 1],
    ["1e", 1, 1],
    ["NaN", 1, 1],
    ["undefined", 1, 1],
    ["nul", 1, 1],
    ["trueish", 1, 1],
    ['"open', 1, 1],
    ['"a\nb"', 1, 1],
    ['"\\x"', 1, 1],
    ['"\\u12"', 1, 1],
    ['["fine", "\\q"]', 1, 10],
    ["\uFEFF{}", 1, 1],
    ["\u00A0{}", 1, 1],
  ])("%j: line %i, column %i", (text, line, column) => {
    expect(syntaxErrorPosition(text)).toEqual({ line, column })
  })

  it.each(["{}", " [ ] ", '{"a":{"b":[1,-0.5e+3,"\\u00e9\\"\\\\",true,false,null]}}\r\n', '"\u2028"', '{"":0,"":1}'])(
    "is undefined for %j",
    (text) => {
      expect(syntaxErrorPosition(text)).toBeUndefined()
    },
  )

  it("is undefined for every serialised value", () => {
    always(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        expect(syntaxErrorPosition(JSON.stringify(value, undefined, indent))).toBeUndefined()
      }),
      200,
    )
  })

  it("exists exactly when the platform's own parser rejects the text", () => {
    always(
      fc.property(fc.oneof(almostJson, anyText), (text) => {
        expect(syntaxErrorPosition(text) === undefined).toBe(isJson(text))
      }),
      500,
    )
  })

  it("is in the text or right after its end", () => {
    always(
      fc.property(almostJson, (text) => {
        const position = syntaxErrorPosition(text)
        fc.pre(position !== undefined)
        const lines = text.split("\n")
        expect(position.line).toBeLessThanOrEqual(lines.length)
        expect(position.column).toBeLessThanOrEqual((lines[position.line - 1] ?? "").length + 1)
      }),
    )
  })

  it.each([
    ["brackets", "[".repeat(100_000)],
    ["objects", '{"a":'.repeat(100_000)],
  ])("is the beginning of a text that is nested too deeply: %s", (_, text) => {
    expect(syntaxErrorPosition(text)).toEqual({ line: 1, column: 1 })
  })

  it("takes comments and commas at the end of lists for errors only in plain JSON", () => {
    const text = '{ // why\n  "a": [1, 2,],\n}'
    expect(syntaxErrorPosition(text, WITH_COMMENTS)).toBeUndefined()
    expect(syntaxErrorPosition(text)).toEqual({ line: 1, column: 3 })
    expect(syntaxErrorPosition('{ // why\n  "a": }', WITH_COMMENTS)).toEqual({ line: 2, column: 8 })
  })

  it("is found after a long text", () => {
    const long = JSON.stringify({ a: "x".repeat(1_000_000) })
    expect(syntaxErrorPosition(`${long},`)).toEqual({ line: 1, column: long.length + 1 })
  })
})
