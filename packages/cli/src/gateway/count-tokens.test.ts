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

describe("the estimate", () => {
  it.each([
    ["English", ENGLISH],
    ["code", CODE],
    ["JSON", JSON_TEXT],
    ["minified JSON", MINIFIED],
  ])("of %s is not below the lower bound of Qwen's tokenizer, and at most twice as much", (_, text) => {
    const pieces = piecesOf(text)
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(pieces)
    expect(estimateTokens(text)).toBeLessThan(pieces * 2)
  })

  it.each(COUNTED_TEXTS)("of %s is not more than 10 % below Qwen's own count of %i", (_, tokens, text) => {
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
  ])("of %j is not below the published count of %i", (text, count) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(count)
    expect(estimateTokens(text)).toBeLessThanOrEqual(count * 1.6)
  })

  it("of Chinese is above the 0.6 to 0.7 tokens of a character that Qwen's models need", () => {
    const perCharacter = estimateTokens(CHINESE) / CHINESE.length
    expect(perCharacter).toBeGreaterThan(0.7)
    expect(perCharacter).toBeLessThan(1)
  })

  it("of random text in base64 counts most characters", () => {
    const random = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7_919 + (index >> 3) * 31) % 256))
    const text = random.toString("base64")
    expect(estimateTokens(text) / text.length).toBeGreaterThan(0.66)
  })

  it.each(["", " ", "\n", "x", "😀", "\ud800", "a".repeat(100_000)])("of any text is a number (%#)", (text) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(text.trim() === "" ? 0 : 1)
    expect(estimateTokens(text)).toBeLessThanOrEqual(Math.ceil(text.length * 4) + 1)
  })

  it("grows with the text", () => {
    expect(estimateTokens(ENGLISH.repeat(10))).toBeGreaterThan(estimateTokens(ENGLISH) * 9)
  })
})

const u16 = (value: number) => [value >> 8, value & 255]
const PNG = [
  0x89,
  0x50,
  0x4e,
  0x47,
  13,
  10,
  26,
  10,
  0,
  0,
  0,
  13,
  0x49,
  0x48,
  0x44,
  0x52,
  0,
  0,
  ...u16(640),
  0,
  0,
  ...u16(480),
]
const GIF = [...Buffer.from("GIF89a"), 640 & 255, 640 >> 8, 480 & 255, 480 >> 8]
const JPEG = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc4, 0, 3, 0, 0xff, 0xc2, 0, 17, 8, ...u16(480), ...u16(640)]
const WEBP_HEAD = [...Buffer.from("RIFF0000WEBP")]
const VP8X = [
  ...WEBP_HEAD,
  ...Buffer.from("VP8X"),
  10,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  639 & 255,
  639 >> 8,
  0,
  479 & 255,
  479 >> 8,
  0,
]
const VP8 = [
  ...WEBP_HEAD,
  ...Buffer.from("VP8 "),
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0x9d,
  1,
  0x2a,
  640 & 255,
  640 >> 8,
  480 & 255,
  480 >> 8,
]
const lossless = 639 | (479 << 14)
const VP8L = [
  ...WEBP_HEAD,
  ...Buffer.from("VP8L"),
  0,
  0,
  0,
  0,
  0x2f,
  lossless & 255,
  (lossless >> 8) & 255,
  (lossless >> 16) & 255,
  (lossless >> 24) & 255,
]
const base64 = (bytes: readonly number[]) => Buffer.from(bytes).toString("base64")

describe("the size of an image", () => {
  it.each([
    ["PNG", PNG],
    ["GIF", GIF],
    ["JPEG", JPEG],
    ["WebP, extended", VP8X],
    ["WebP, lossy", VP8],
    ["WebP, lossless", VP8L],
  ])("is read from a %s", (_, bytes) => {
    expect(imageSize(base64(bytes))).toEqual({ width: 640, height: 480 })
  })

  it.each(["", "AAAA", "not base64!", base64(PNG.slice(0, 18)), base64(JPEG.slice(0, 9)), base64([0xff, 0xd8, 0, 0])])(
    "is not known of %j",
    (data) => {
      expect(imageSize(data)).toBeUndefined()
    },
  )
})

describe("the count of a Messages request", () => {
  const count = (content: unknown) =>
    countMessageTokens({ messages: [{ role: "user", content }] }) - countMessageTokens({ messages: [{ role: "user" }] })
  const image = (data: string) => ({ type: "image", source: { type: "base64", media_type: "image/png", data } })

  it("has the system prompt, the messages, and the tools with what introduces them", () => {
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
    ["of unknown size as one of a megapixel", image("AAAA"), 1_282],
    ["behind a URL as one of a megapixel", { type: "image", source: { type: "url", url: "https://x.example" } }, 1_282],
    ["that is huge as the largest", image(base64([...PNG.slice(0, 16), 0, 1, 0, 0, 0, 1, 0, 0])), 16_384],
  ])("counts an image %s", (_, block, tokens) => {
    expect(count([block])).toBe(tokens + 3)
  })

  it.each([{}, { messages: "x" }, { messages: [null, 7] }, { tools: {} }])("is a number for %j", (body) => {
    expect(countMessageTokens(body)).toBeGreaterThan(0)
  })
})
