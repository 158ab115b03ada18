import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { COUNTED_TEXTS } from "../testing/counted-texts.ts"
import { countMessageTokens } from "./count-tokens.ts"
import { estimateTokens } from "./estimate-tokens.ts"
import { imageSize } from "./image-size.ts"

/**
 * How Qwen's tokenizer cuts a text before it joins letters (published with the models, `tokenizer.json`). No token
 * crosses a cut, so a text has at least as many tokens as pieces.
 */
const PIECES =
  /(?:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/giu
const piecesOf = (text: string) => text.match(PIECES)?.length ?? 0

const ENGLISH =
  "The gateway listens on the loopback address only, and every request must carry the local key. When a client leaves, the request is cancelled; when it reads slowly, the service waits. Nothing is stored, and nothing is logged unless you ask for it. ".repeat(
    8,
  )
const CHINESE =
  "通义千问是阿里云推出的大规模语言模型,可以回答问题、创作文字,还能表达观点、撰写代码。请在控制台创建密钥,然后在终端中登录。本机网关只监听回环地址,所有请求都必须携带本地密钥。".repeat(
    8,
  )
const CODE = readFileSync(new URL("forward.ts", import.meta.url), "utf8")
const JSON_TEXT = readFileSync(new URL("../../package.json", import.meta.url), "utf8").repeat(4)
const MINIFIED = JSON.stringify(
  Array.from({ length: 40 }, (_, id) => ({ id, path: `src/a-${id}.ts`, ok: id % 2 === 0 })),
)

describe("estimateTokens", () => {
  it.each([
    ["English", ENGLISH],
    ["code", CODE],
    ["JSON", JSON_TEXT],
    ["minified JSON", MINIFIED],
  ])("estimates %s between the lower bound of Qwen's tokenizer and twice as much", (_, text) => {
    const pieces = piecesOf(text)
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(pieces)
    expect(estimateTokens(text)).toBeLessThan(pieces * 2)
  })

  it.each(COUNTED_TEXTS)("estimates %s at most 10 % below Qwen's own count of %i", (_, tokens, text) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens * 0.9)
    expect(estimateTokens(text)).toBeLessThanOrEqual(tokens * 3.2)
  })

  it.each([
    // Counts of cl100k_base, from which Qwen's tokenizer was made: OpenAI's cookbook on counting tokens.
    ["tiktoken is great!", 6],
    ["antidisestablishmentarianism", 6],
    ["2 + 2 = 4", 7],
    ["お誕生日おめでとう", 9],
    // The example of DashScope's documentation of Qwen's tokenizer.
    ["通义千问具有强大能力。", 8],
  ])("estimates %j not below the published count of %i", (text, count) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(count)
    expect(estimateTokens(text)).toBeLessThanOrEqual(count * 1.6)
  })

  it("estimates Chinese above the real 0.6 to 0.7 tokens per character", () => {
    const perCharacter = estimateTokens(CHINESE) / CHINESE.length
    expect(perCharacter).toBeGreaterThan(0.7)
    expect(perCharacter).toBeLessThan(1)
  })

  it("counts most characters of random text in base64", () => {
    const random = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7_919 + (index >> 3) * 31) % 256))
    const text = random.toString("base64")
    expect(estimateTokens(text) / text.length).toBeGreaterThan(0.66)
  })

  it.each(["", " ", "\n", "x", "😀", "\ud800", "a".repeat(100_000)])("returns a number for any text (%#)", (text) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(text.trim() === "" ? 0 : 1)
    expect(estimateTokens(text)).toBeLessThanOrEqual(Math.ceil(text.length * 4) + 1)
  })

  it("grows with the text", () => {
    expect(estimateTokens(ENGLISH.repeat(10))).toBeGreaterThan(estimateTokens(ENGLISH) * 9)
  })
})

/** The heads of images of 640 × 480 pixels (280 and 1e0 in hexadecimal; WebP stores 27f and 1df). */
const hex = (text: string) => [...Buffer.from(text.replaceAll(" ", ""), "hex")]
const PNG = hex("89504e47 0d0a1a0a 0000000d 49484452 00000280 000001e0")
const GIF = [...Buffer.from("GIF89a"), ...hex("8002 e001")]
const JPEG = hex("ffd8 ffe0 0004 0000 ffc4 0003 00 ffc2 0011 08 01e0 0280")
const VP8X = [...Buffer.from("RIFF0000WEBPVP8X"), ...hex("0a000000 00000000 7f0200 df0100")]
const VP8 = [...Buffer.from("RIFF0000WEBPVP8 "), ...hex("00000000 000000 9d012a 8002 e001")]
const VP8L = [...Buffer.from("RIFF0000WEBPVP8L"), ...hex("00000000 2f 7fc27700")]
const base64 = (bytes: readonly number[]) => Buffer.from(bytes).toString("base64")

describe("imageSize", () => {
  it.each([
    ["PNG", PNG],
    ["GIF", GIF],
    ["JPEG", JPEG],
    ["WebP, extended", VP8X],
    ["WebP, lossy", VP8],
    ["WebP, lossless", VP8L],
  ])("reads the size of a %s", (_, bytes) => {
    expect(imageSize(base64(bytes))).toEqual({ width: 640, height: 480 })
  })

  it.each(["", "AAAA", "not base64!", base64(PNG.slice(0, 18)), base64(JPEG.slice(0, 9)), base64([0xff, 0xd8, 0, 0])])(
    "returns undefined for %j",
    (data) => {
      expect(imageSize(data)).toBeUndefined()
    },
  )
})

describe("countMessageTokens", () => {
  const count = (content: unknown) =>
    countMessageTokens({ messages: [{ role: "user", content }] }) - countMessageTokens({ messages: [{ role: "user" }] })
  const image = (data: string) => ({ type: "image", source: { type: "base64", media_type: "image/png", data } })

  it("counts the system prompt, the messages, and the tools with their introduction", () => {
    const empty = countMessageTokens({ messages: [] })
    const tool = { name: "read", description: "Reads a file", input_schema: { type: "object", properties: {} } }
    expect(countMessageTokens({ messages: [], system: ENGLISH })).toBe(empty + estimateTokens(ENGLISH))
    expect(countMessageTokens({ messages: [], system: [{ type: "text", text: ENGLISH }] })).toBeGreaterThan(empty + 400)
    expect(countMessageTokens({ messages: [], tools: [tool] })).toBeGreaterThan(empty + 150)
  })

  it.each([
    ["a text", [{ type: "text", text: ENGLISH }]],
    ["a thought", [{ type: "thinking", thinking: ENGLISH, signature: "" }]],
    ["a tool's result", [{ type: "tool_result", tool_use_id: "1", content: ENGLISH }]],
    ["a tool's result in parts", [{ type: "tool_result", content: [{ type: "text", text: ENGLISH }] }]],
    ["a tool call", [{ type: "tool_use", name: "write", input: { content: ENGLISH } }]],
    ["a document of text", [{ type: "document", source: { type: "text", data: ENGLISH } }]],
    ["a document of blocks", [{ type: "document", source: { type: "content", content: ENGLISH } }]],
    ["a block of a new kind", [{ type: "search_result", content: ENGLISH }]],
  ])("counts %s", (_, content) => {
    expect(count(content)).toBeGreaterThanOrEqual(estimateTokens(ENGLISH))
    expect(count(content)).toBeLessThan(estimateTokens(ENGLISH) + 60)
  })

  it.each([
    ["by its size", image(base64(PNG)), Math.ceil(640 / 28) * Math.ceil(480 / 28) + 2],
    ["of unknown size as a megapixel", image("AAAA"), 1_282],
    ["behind a URL as a megapixel", { type: "image", source: { type: "url", url: "https://x.example" } }, 1_282],
    ["that is huge as the largest", image(base64([...PNG.slice(0, 16), 0, 1, 0, 0, 0, 1, 0, 0])), 16_384],
  ])("counts an image %s", (_, block, tokens) => {
    expect(count([block])).toBe(tokens + 3)
  })

  it.each([{}, { messages: "x" }, { messages: [null, 7] }, { tools: {} }])("returns a number for %j", (body) => {
    expect(countMessageTokens(body)).toBeGreaterThan(0)
  })
})
