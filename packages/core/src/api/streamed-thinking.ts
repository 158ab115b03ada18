import type { ModelFacts } from "../catalog/model-facts.ts"
import { type ChatBody, fieldsOf } from "./body-rules.ts"

/** Models with open weights (`qwen3-32b`, `qwen3-235b-a22b`). They think unless that is switched off. */
const OPEN_WEIGHT = /^qwen3-\d+(?:\.\d+)?b(?:-a\d+(?:\.\d+)?b)?$/i
/** Models that only think (`qwen3-235b-a22b-thinking-2507`). */
const THINKING_ONLY = /-thinking(?:-\d+)?$/i

/**
 * Makes a request acceptable that is not streamed. Models think only in streams: a model with open weights does not think
 * unless the caller asks for it, and where thinking cannot be avoided the answer is streamed (and joined by the fetch).
 */
export function withStreamedThinking(body: ChatBody, facts: ModelFacts | undefined): ChatBody {
  if (body["stream"] === true) return body
  const id = String(body["model"])
  const openWeight = OPEN_WEIGHT.test(id)
  if (THINKING_ONLY.test(id) || alwaysThinks(facts) || (openWeight && body["enable_thinking"] === true)) {
    return { ...body, stream: true, stream_options: { ...fieldsOf(body["stream_options"]), include_usage: true } }
  }
  return openWeight && body["enable_thinking"] === undefined ? { ...body, enable_thinking: false } : body
}

function alwaysThinks(facts: ModelFacts | undefined): boolean {
  return facts?.thinking !== undefined && !facts.thinking.toggle && facts.thinking.efforts.length === 0
}
