import { setTimeout as sleep } from "node:timers/promises"
import { type ChatAnswer, inWords } from "./chat-answer.ts"
import { type AnswerHead, finishReason } from "./completion.ts"
import type { Usage } from "./usage.ts"

/** Options of a stream. */
export interface StreamOptions {
  /** Milliseconds before each piece. */
  chunkDelayMs: number
  /** End without finish_reason, usage and `[DONE]`. */
  omitFinish: boolean
  /** Ends the waits. */
  signal: AbortSignal
}

/**
 * The answer as server-sent events with OpenAI's chunks, one event per item.
 * @param usage sent in a last chunk without choices; `undefined` if not requested
 */
export async function* completionStream(
  head: AnswerHead,
  answer: ChatAnswer,
  usage: Usage | undefined,
  { chunkDelayMs, omitFinish, signal }: StreamOptions,
): AsyncGenerator<string> {
  const chunk = (delta: object, reason: string | null = null) => event(head, [choice(delta, reason)], null)

  yield chunk({ role: "assistant", content: "" })
  let previous: { delta: object; line: string } | undefined
  for (const delta of deltas(answer)) {
    if (chunkDelayMs > 0) await sleep(chunkDelayMs, undefined, { signal })
    // Filler repeats one delta thousands of times, so its JSON is created once.
    if (previous?.delta !== delta) previous = { delta, line: chunk(delta) }
    yield previous.line
  }
  if (omitFinish) return
  yield chunk({ content: "" }, finishReason(answer))
  if (usage !== undefined) yield event(head, [], usage)
  yield "data: [DONE]\n\n"
}

function event(head: AnswerHead, choices: object[], usage: Usage | null): string {
  return `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices, usage })}\n\n`
}

function choice(delta: object, finish_reason: string | null): object {
  return { index: 0, delta, finish_reason, logprobs: null }
}

function* deltas(answer: ChatAnswer): Generator<object> {
  for (const piece of inWords(answer.reasoning)) yield { content: null, reasoning_content: piece }
  let content = { content: "" }
  for (const piece of answer.text) {
    if (piece !== content.content) content = { content: piece }
    yield content
  }
  for (const [index, call] of answer.toolCalls.entries()) {
    yield { tool_calls: [{ index, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] }
    for (const piece of fragments(call.arguments)) yield { tool_calls: [{ index, function: { arguments: piece } }] }
  }
}

/** Splits arguments at arbitrary positions of their JSON, as the real model does. */
export function fragments(text: string): string[] {
  return text.match(/[\s\S]{1,12}/gu) ?? []
}
