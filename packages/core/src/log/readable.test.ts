import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { always, anyText } from "../testing/properties.ts"
import { readable } from "./readable.ts"

describe("readable", () => {
  it.each([
    ["plain text", "Invalid client credentials", "Invalid client credentials"],
    ["other scripts", "凭证无效 – né", "凭证无效 – né"],
    ["colours", "\u001b[1;31mno\u001b[0m", "no"],
    ["cursor movements", "\u001b[2J\u001b[Hno", "no"],
    ["a lone escape", "a\u001bb", "a b"],
    ["a bell and a backspace", "a\u0007b\u0008c", "a b c"],
    ["line breaks", "one\r\ntwo\u2028three\u0085four", "one two three four"],
    ["bidirectional overrides", "a\u202egpj.exe", "a gpj.exe"],
    ["zero-width characters", "a\u200b\ufeffb", "a b"],
    ["white space around and between", "  a \t b  ", "a b"],
  ])("%s", (_, text, shown) => {
    expect(readable(text)).toBe(shown)
  })

  it("cuts at 200 characters, with an ellipsis", () => {
    expect(readable("a ".repeat(100))).toBe("a ".repeat(100).trim())
    expect(readable("a ".repeat(101))).toBe(`${"a ".repeat(100).slice(0, 199)}…`)
  })

  it("leaves out what is as long as a token, and keeps model names", () => {
    expect(readable(`refused: ${"x7_-".repeat(8)}`)).toBe("refused: …")
    expect(readable("no model qwen3-235b-a22b-thinking-2507")).toBe("no model qwen3-235b-a22b-thinking-2507")
  })

  it("cuts where it is told to", () => {
    expect(readable("abcdef", 4)).toBe("abc…")
  })

  it("whatever comes is one line of bounded length without control characters", () => {
    always(
      fc.property(
        anyText,
        (text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(readable(text)) && readable(text).length <= 200,
      ),
    )
  })
})
