import type { ToolCall } from "./chat-request.ts"

/** The model's answer, before it is converted into chunks or one document. */
export interface ChatAnswer {
  /** The reasoning before the text; empty if there is none. */
  reasoning: string
  /** The pieces of the text for streaming. Can be iterated repeatedly. */
  text: Iterable<string>
  toolCalls: readonly ToolCall[]
}

/** Splits a text into pieces as a model streams it: words with the following space. */
export function inWords(text: string): string[] {
  return text.match(/\s*\S+\s*/g) ?? (text === "" ? [] : [text])
}

/** `count` equal pieces of filler, created lazily, because a benchmark streams more than fits in memory. */
export function filler(count: number, characters: number): Iterable<string> {
  const piece = "qwen on loopback ".repeat(Math.ceil(characters / 17)).slice(0, characters)
  return {
    *[Symbol.iterator]() {
      for (let made = 0; made < count; made += 1) yield piece
    },
  }
}
