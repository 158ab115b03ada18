import type { ChatAnswer } from "../chat/chat-answer.ts"
import type { Usage } from "../chat/usage.ts"

/** An answer in the format of OpenAI's Responses. */
export interface ResponseAnswer {
  id: string
  /** Epoch seconds. */
  created: number
  model: string
  answer: ChatAnswer
  usage: Usage
}

/** One output item of the model. */
export type OutputItem = ReasoningItem | MessageItem | CallItem

interface ReasoningItem {
  type: "reasoning"
  id: string
  summary: { type: "summary_text"; text: string }[]
}

interface MessageItem {
  type: "message"
  id: string
  role: "assistant"
  status: "completed"
  content: { type: "output_text"; text: string; annotations: [] }[]
}

interface CallItem {
  type: "function_call"
  id: string
  call_id: string
  name: string
  arguments: string
  status: "completed"
}

/** The complete answer as one document. */
export function responseDocument(response: ResponseAnswer): object {
  const { usage } = response
  return {
    ...unfinished(response),
    status: "completed",
    output: outputItems(response),
    usage: {
      input_tokens: usage.prompt_tokens,
      input_tokens_details: { cached_tokens: usage.prompt_tokens_details.cached_tokens },
      output_tokens: usage.completion_tokens,
      output_tokens_details: usage.completion_tokens_details,
      total_tokens: usage.total_tokens,
    },
  }
}

/** The document before the first output. */
export function unfinished({ id, created, model }: ResponseAnswer): object {
  return { id, object: "response", created_at: created, model, status: "in_progress", output: [], usage: null }
}

export function outputItems({ id, answer }: ResponseAnswer): OutputItem[] {
  const text = [...answer.text].join("")
  const own = id.replace(/^resp_/, "")
  const items: OutputItem[] = []
  if (answer.reasoning !== "") {
    items.push({ type: "reasoning", id: `rs_${own}`, summary: [{ type: "summary_text", text: answer.reasoning }] })
  }
  if (text !== "") {
    const content: MessageItem["content"] = [{ type: "output_text", text, annotations: [] }]
    items.push({ type: "message", id: `msg_${own}`, role: "assistant", status: "completed", content })
  }
  for (const [index, { id: call_id, name, arguments: given }] of answer.toolCalls.entries()) {
    items.push({
      type: "function_call",
      id: `fc_${index}_${own}`,
      call_id,
      name,
      arguments: given,
      status: "completed",
    })
  }
  return items
}
