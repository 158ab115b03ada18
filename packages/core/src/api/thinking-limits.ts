import type { ModelFacts } from "../catalog/model-facts.ts"
import { type ChatBody, forcesTool } from "./body-rules.ts"
import { thinksAbout } from "./thinking-parameters.ts"

/** The largest `max_tokens` while the model thinks, tokens. `max_completion_tokens`, which counts the thinking too, may be larger. */
const MAX_REPLY_TOKENS = 32_768

/** While the model thinks, no tool can be forced, and the reply is limited. */
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
