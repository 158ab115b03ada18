import { setTimeout as sleep } from "node:timers/promises"
import { type ChatAnswer, inWords } from "../chat/chat-answer.ts"
import { fragments, type StreamOptions } from "../chat/completion-stream.ts"
import { type Message, messageUsage, stopReason } from "./message-answer.ts"

/** The answer as server-sent events in Anthropic's format, one event per item. */
export async function* messageStream(
  { id, model, answer, usage }: Message,
  { chunkDelayMs, omitFinish, signal }: StreamOptions,
): AsyncGenerator<string> {
  const head = { id, type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null }
  yield event("message_start", { message: { ...head, usage: { ...messageUsage(usage), output_tokens: 0 } } })
  let index = 0
  for (const { start, deltas } of contentBlocks(answer)) {
    yield event("content_block_start", { index, content_block: start })
    for (const delta of deltas) {
      if (chunkDelayMs > 0) await sleep(chunkDelayMs, undefined, { signal })
      yield event("content_block_delta", { index, delta })
    }
    if (omitFinish) return
    yield event("content_block_stop", { index })
    index += 1
  }
  const delta = { stop_reason: stopReason(answer), stop_sequence: null }
  yield event("message_delta", { delta, usage: messageUsage(usage) })
  yield event("message_stop", {})
}

interface ContentBlock {
  start: object
  deltas: Iterable<object>
}

function* contentBlocks({ reasoning, text, toolCalls }: ChatAnswer): Generator<ContentBlock> {
  if (reasoning !== "") {
    const start = { type: "thinking", thinking: "", signature: "" }
    yield { start, deltas: inWords(reasoning).map((thinking) => ({ type: "thinking_delta", thinking })) }
  }
  const [first] = text
  if (first !== undefined) yield { start: { type: "text", text: "" }, deltas: textDeltas(text) }
  for (const { id, name, arguments: given } of toolCalls) {
    const deltas = fragments(given).map((piece) => ({ type: "input_json_delta", partial_json: piece }))
    yield { start: { type: "tool_use", id, name, input: {} }, deltas }
  }
}

function* textDeltas(pieces: Iterable<string>): Generator<object> {
  for (const text of pieces) yield { type: "text_delta", text }
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
