import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { readableModelName, sanitizeText } from "./sanitize-text.ts"

describe("sanitizeText", () => {
  it.each([
    ["keeps plain text", "Invalid client credentials", "Invalid client credentials"],
    ["keeps other scripts", "凭证无效 – né", "凭证无效 – né"],
    ["removes colours", "\u001b[1;31mno\u001b[0m", "no"],
    ["removes cursor movements", "\u001b[2J\u001b[Hno", "no"],
    ["replaces a lone escape", "a\u001bb", "a b"],
    ["replaces a bell and a backspace", "a\u0007b\u0008c", "a b c"],
    ["replaces line breaks", "one\r\ntwo\u2028three\u0085four", "one two three four"],
    ["replaces bidirectional overrides", "a\u202egpj.exe", "a gpj.exe"],
    ["replaces zero-width characters", "a\u200b\ufeffb", "a b"],
    ["trims and joins white space", "  a \t b  ", "a b"],
  ])("%s", (_, text, shown) => {
    expect(sanitizeText(text)).toBe(shown)
  })

  it("truncates at 200 characters, with an ellipsis", () => {
    expect(sanitizeText("a ".repeat(100))).toBe("a ".repeat(100).trim())
    expect(sanitizeText("a ".repeat(101))).toBe(`${"a ".repeat(100).slice(0, 199)}…`)
  })

  it("removes anything as long as a token and keeps short model names", () => {
    expect(sanitizeText(`refused: ${"x7_-".repeat(8)}`)).toBe("refused: …")
    expect(sanitizeText("no model qwen3-235b-a22b-thinking-2507")).toBe("no model qwen3-235b-a22b-thinking-2507")
  })

  it("truncates at a given length", () => {
    expect(sanitizeText("abcdef", 4)).toBe("abc…")
  })

  it("returns one line of bounded length without control characters for any text", () => {
    always(
      fc.property(
        anyText,
        (text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(sanitizeText(text)) && sanitizeText(text).length <= 200,
      ),
    )
  })
})

describe("readableModelName", () => {
  it.each([
    "qwen3-235b-a22b-thinking-2507",
    "qwen3-vl-235b-a22b-thinking-preview",
    "qwen3-omni-flash-realtime-2025-09-15",
    "qwen3-livetranslate-flash-realtime",
    "siliconflow/deepseek-r1-distill-qwen-1-5b",
    "MiniMaxAI/MiniMax-M2.5-Preview-20260215",
    "plugin:qwen-auth:qwen:qwen3-coder-480b-a35b-instruct",
  ])("shows %s in full", (name) => {
    expect(readableModelName(name)).toBe(name)
  })

  it.each([
    ["a plan's key", `sk-sp-${"0123456789abcdef".repeat(2)}`],
    ["a workspace's key", "sk-ws-H-abc-DEF-123-ghi-JKL-456-mno-PQR"],
    ["a token", "dGhpcyBpcyBhIHRva2VuIGFuZCBub3RoaW5nIGVsc2U"],
    ["a token with separators", "x7Qp2Lm9Zk-Vt4Rb8Wn3Cy_Hd6Jf1Gs5-Ka0Ue7Io"],
    ["a UUID", "550e8400-e29b-41d4-a716-446655440000"],
    ["32 hex digits", "0123456789abcdef".repeat(2)],
  ])("hides %s", (_, name) => {
    expect(readableModelName(name)).toBe("…")
  })

  it("does not show a token within a name", () => {
    expect(readableModelName(`qwen3.${"x7_-".repeat(8)}.plus`)).toBe("qwen3.….plus")
  })

  it("returns one line of at most 100 characters without control characters for any name", () => {
    always(
      fc.property(anyText, (text) => {
        const shown = readableModelName(text)
        return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(shown) && shown.length <= 100
      }),
    )
    expect(readableModelName("a-".repeat(60)).length).toBeLessThanOrEqual(100)
  })
})
