import type { ChatAnswer } from "../chat/chat-answer.ts"
import { finishReason } from "../chat/completion.ts"
import type { Usage } from "../chat/usage.ts"
import { parseJson } from "../json.ts"

/** An answer in Anthropic's format. */
export interface Message {
  id: string
  model: string
  answer: ChatAnswer
  usage: Usage
}

/** The complete answer as one document. */
export function messageDocument({ id, model, answer, usage }: Message): object {
  const text = [...answer.text].join("")
  const content = [
    ...(answer.reasoning === "" ? [] : [{ type: "thinking", thinking: answer.reasoning, signature: "" }]),
    ...(text === "" ? [] : [{ type: "text", text }]),
    ...answer.toolCalls.map((call) => ({
      type: "tool_use",
      id: call.id,
      name: call.name,
      input: parseJson(call.arguments),
    })),
  ]
  const head = { id, type: "message", role: "assistant", model }
  return { ...head, content, stop_reason: stopReason(answer), stop_sequence: null, usage: messageUsage(usage) }
}

export function stopReason(answer: ChatAnswer): "end_turn" | "tool_use" {
  return finishReason(answer) === "tool_calls" ? "tool_use" : "end_turn"
}

/** Anthropic's counts. `input_tokens` does not include cached tokens. */
export function messageUsage({ prompt_tokens, completion_tokens, prompt_tokens_details: details }: Usage): object {
  const { cached_tokens: read, cache_creation_input_tokens: created = 0 } = details
  return {
    input_tokens: prompt_tokens - read - created,
    cache_creation_input_tokens: created,
    cache_read_input_tokens: read,
    output_tokens: completion_tokens,
  }
}
