import type { ChatAnswer } from "./chat-answer.ts"
import type { Usage } from "./usage.ts"

/** The fields that all documents of one answer have. */
export interface AnswerHead {
  id: string
  /** Epoch seconds. */
  created: number
  model: string
  system_fingerprint: null
}

/** The complete answer as one document. */
export function completion(head: AnswerHead, answer: ChatAnswer, usage: Usage): object {
  const toolCalls = answer.toolCalls.map(({ id, name, arguments: given }, index) => ({
    id,
    index,
    type: "function",
    function: { name, arguments: given },
  }))
  const message = {
    role: "assistant",
    content: [...answer.text].join(""),
    ...(answer.reasoning === "" ? {} : { reasoning_content: answer.reasoning }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  }
  const choice = { index: 0, message, finish_reason: finishReason(answer), logprobs: null }
  return { ...head, object: "chat.completion", choices: [choice], usage }
}

/** The finish reason of the answer. */
export function finishReason(answer: ChatAnswer): "stop" | "tool_calls" {
  return answer.toolCalls.length > 0 ? "tool_calls" : "stop"
}
