import type { ToolCall } from "./chat-request.ts"

/** What the model says, before it is put into chunks or one document. */
export interface ChatAnswer {
  /** Thinking aloud, before the text; empty: none. */
  reasoning: string
  /** The text in the pieces it is streamed in. Iterated anew for each use. */
  text: Iterable<string>
  toolCalls: readonly ToolCall[]
}

/** A text in the pieces a model would stream it in: words with the space after them. */
export function inWords(text: string): string[] {
  return text.match(/\s*\S+\s*/g) ?? (text === "" ? [] : [text])
}

/** `count` equal pieces of filler, made as they are asked for: a bench streams more than fits in memory. */
export function filler(count: number, characters: number): Iterable<string> {
  const piece = "qwen on loopback ".repeat(Math.ceil(characters / 17)).slice(0, characters)
  return {
    *[Symbol.iterator]() {
      for (let made = 0; made < count; made += 1) yield piece
    },
  }
}
