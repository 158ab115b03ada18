import { estimateTokens } from "./estimate-tokens.ts"
import { imageSize } from "./image-size.ts"

type Json = Readonly<Record<string, unknown>>

/** The frame of a conversation, of each message and of each tool in a model's prompt template, tokens. */
const CONVERSATION_TOKENS = 8
const MESSAGE_TOKENS = 5
const BLOCK_TOKENS = 3
const TOOL_TOKENS = 12
/** The text that introduces the list of tools, tokens. */
const TOOLS_TOKENS = 150

/** Qwen's vision models take a token for 28 × 28 pixels, with two around the image, and scale larger images down. */
const PIXELS_PER_TOKEN = 28
const MAX_IMAGE_TOKENS = 16_384
/** An image whose size is not known, for example one behind a URL: one of about a million pixels. */
const UNKNOWN_IMAGE_TOKENS = 1_282
/** A document that is not text, in base64: a page of text has about 3 KB in a PDF. Characters for a token. */
const DOCUMENT_CHARACTERS = 4

/**
 * Counts the input tokens of a Messages request, for a service that has no such call. The count is an estimate on the
 * high side, see {@link estimateTokens}.
 */
export function countMessageTokens(body: Json): number {
  const tools = list(body["tools"])
  return (
    CONVERSATION_TOKENS +
    contentTokens(body["system"]) +
    sum(list(body["messages"]).map((message) => MESSAGE_TOKENS + contentTokens(object(message)["content"]))) +
    (tools.length === 0 ? 0 : TOOLS_TOKENS) +
    sum(tools.map((tool) => TOOL_TOKENS + jsonTokens(tool)))
  )
}

function contentTokens(content: unknown): number {
  if (typeof content === "string") return estimateTokens(content)
  return sum(list(content).map((block) => BLOCK_TOKENS + blockTokens(object(block))))
}

function blockTokens(block: Json): number {
  switch (block["type"]) {
    case "text":
      return textTokens(block["text"])
    case "image":
      return imageTokens(object(block["source"]))
    case "document":
      return textTokens(block["title"]) + documentTokens(object(block["source"]))
    case "thinking":
      return textTokens(block["thinking"])
    case "tool_result":
      return TOOL_TOKENS + contentTokens(block["content"])
    default:
      // A tool call, or a block that is not known.
      return TOOL_TOKENS + jsonTokens(block)
  }
}

function imageTokens({ data }: Json): number {
  const size = typeof data === "string" ? imageSize(data) : undefined
  if (size === undefined) return UNKNOWN_IMAGE_TOKENS
  const tokens = Math.ceil(size.width / PIXELS_PER_TOKEN) * Math.ceil(size.height / PIXELS_PER_TOKEN) + 2
  return Math.min(tokens, MAX_IMAGE_TOKENS)
}

function documentTokens(source: Json): number {
  const { type, data, content } = source
  if (type === "base64" && typeof data === "string") return Math.ceil(data.length / DOCUMENT_CHARACTERS)
  return type === "content" ? contentTokens(content) : textTokens(data)
}

function textTokens(text: unknown): number {
  return typeof text === "string" ? estimateTokens(text) : 0
}

function jsonTokens(value: unknown): number {
  return estimateTokens(JSON.stringify(value) ?? "")
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {}
}
