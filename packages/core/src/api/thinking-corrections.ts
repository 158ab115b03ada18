import type { ModelFacts } from "../catalog/model-facts.ts"
import { type ChatBody, forcesTool, withStreamedUsage } from "./body-rules.ts"
import { thinksAbout } from "./thinking-parameters.ts"

/** Models with open weights (`qwen3-32b`, `qwen3-235b-a22b`). They think unless that is switched off. */
const OPEN_WEIGHT = /^qwen3-\d+(?:\.\d+)?b(?:-a\d+(?:\.\d+)?b)?$/i
/** Models that always think (`qwen3-235b-a22b-thinking-2507`). */
const ALWAYS_THINKS = /-thinking(?:-\d+)?$/i

/**
 * Corrects a request that is not streamed, because models think only in streams. If thinking cannot be avoided, the
 * response is streamed, and the fetch joins it. Otherwise a model with open weights does not think unless the caller asks
 * for it.
 */
export function withStreamedThinking(body: ChatBody, facts: ModelFacts | undefined): ChatBody {
  if (body["stream"] === true) return body
  const id = String(body["model"])
  const openWeight = OPEN_WEIGHT.test(id)
  if (ALWAYS_THINKS.test(id) || alwaysThinks(facts) || (openWeight && body["enable_thinking"] === true)) {
    return { ...body, stream: true, stream_options: withStreamedUsage(body) }
  }
  return openWeight && body["enable_thinking"] === undefined ? { ...body, enable_thinking: false } : body
}

function alwaysThinks(facts: ModelFacts | undefined): boolean {
  return facts?.thinking !== undefined && !facts.thinking.toggle && facts.thinking.efforts.length === 0
}

/**
 * The largest `max_tokens` while the model thinks, tokens. `max_completion_tokens` also counts the thinking, so it may
 * be larger.
 */
const MAX_REPLY_TOKENS = 32_768

/** Limits the reply and does not force a tool while the model thinks. */
export function withThinkingLimits(body: ChatBody, facts: ModelFacts | undefined): ChatBody {
  if (!thinksAbout(body, facts)) return body
  const { max_tokens } = body
  const tooLong = typeof max_tokens === "number" && max_tokens > MAX_REPLY_TOKENS
  if (!tooLong && !forcesTool(body)) return body
  return {
    ...body,
    ...(tooLong ? { max_tokens: MAX_REPLY_TOKENS } : {}),
    ...(forcesTool(body) ? { tool_choice: "auto" } : {}),
  }
}
