import { setTimeout as sleep } from "node:timers/promises"
import { inWords } from "../chat/chat-answer.ts"
import { fragments, type StreamOptions } from "../chat/completion-stream.ts"
import { type OutputItem, outputItems, type ResponseAnswer, responseDocument, unfinished } from "./response-document.ts"

/** The answer as server-sent events in the format of OpenAI's Responses, one event per item. */
export async function* responseStream(
  response: ResponseAnswer,
  { chunkDelayMs, omitFinish, signal }: StreamOptions,
): AsyncGenerator<string> {
  let number = 0
  const event = (type: string, fields: object) => {
    const data = JSON.stringify({ type, sequence_number: number, ...fields })
    number += 1
    return `event: ${type}\ndata: ${data}\n\n`
  }
  yield event("response.created", { response: unfinished(response) })
  for (const [output_index, item] of outputItems(response).entries()) {
    const { start, deltas, ends } = itemEvents(item)
    const position = { output_index, item_id: item.id }
    yield event("response.output_item.added", { output_index, item: start })
    for (const { type, ...fields } of deltas) {
      if (chunkDelayMs > 0) await sleep(chunkDelayMs, undefined, { signal })
      yield event(type, { ...position, ...fields })
    }
    if (omitFinish) return
    for (const { type, ...fields } of ends) yield event(type, { ...position, ...fields })
    yield event("response.output_item.done", { output_index, item })
  }
  yield event("response.completed", { response: responseDocument(response) })
}

interface ItemEvent {
  type: string
  [field: string]: unknown
}

interface ItemEvents {
  /** The empty item at its start. */
  start: object
  deltas: ItemEvent[]
  /** The events before the item is done. */
  ends: ItemEvent[]
}

function itemEvents(item: OutputItem): ItemEvents {
  switch (item.type) {
    case "reasoning": {
      const text = item.summary.map((part) => part.text).join("")
      const type = "response.reasoning_summary_text"
      return {
        start: { ...item, summary: [] },
        deltas: inWords(text).map((delta) => ({ type: `${type}.delta`, summary_index: 0, delta })),
        ends: [{ type: `${type}.done`, summary_index: 0, text }],
      }
    }
    case "message": {
      const text = item.content.map((part) => part.text).join("")
      const type = "response.output_text"
      const part = { type: "output_text", text: "", annotations: [] }
      const deltas = inWords(text).map((delta) => ({ type: `${type}.delta`, content_index: 0, delta }))
      return {
        start: { ...item, status: "in_progress", content: [] },
        deltas: [{ type: "response.content_part.added", content_index: 0, part }, ...deltas],
        ends: [
          { type: `${type}.done`, content_index: 0, text },
          { type: "response.content_part.done", content_index: 0, part: { ...part, text } },
        ],
      }
    }
    case "function_call": {
      const type = "response.function_call_arguments"
      return {
        start: { ...item, status: "in_progress", arguments: "" },
        deltas: fragments(item.arguments).map((delta) => ({ type: `${type}.delta`, delta })),
        ends: [{ type: `${type}.done`, arguments: item.arguments }],
      }
    }
  }
}
