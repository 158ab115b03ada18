import { type AliasChoices, resolveModel } from "./model-aliases.ts"
import type { OfferedModels } from "./offered-models.ts"
import type { JsonBody } from "./request-body.ts"

/** The smallest thinking budget of Anthropic's API, tokens. */
const MIN_BUDGET = 1_024
/** The lowest of the largest budgets of models that think (GLM on the Coding Plan), tokens. */
const MAX_BUDGET = 32_768

/**
 * Returns the body of a Messages request as the plan takes it: with the plan's model in place of an alias, and without
 * the `adaptive` thinking that the service refuses. Any other body is sent as it came.
 */
export function messagesBody(body: JsonBody, choices: AliasChoices, offered: OfferedModels): JsonBody {
  const asked = body.json["model"]
  const model = typeof asked === "string" ? resolveModel(asked, choices, offered) : asked
  const adaptive = isAdaptive(body.json["thinking"])
  if (model === asked && !adaptive) return body
  const { thinking, ...rest } = body.json
  const thinks = offered.models.find(({ id }) => id === model)?.thinking
  const kept = adaptive ? (thinks ? enabledThinking(body.json["max_tokens"]) : {}) : { thinking }
  const json = { ...rest, ...(thinking === undefined ? {} : kept), model }
  return { json, text: JSON.stringify(json) }
}

function isAdaptive(thinking: unknown): boolean {
  return typeof thinking === "object" && thinking !== null && "type" in thinking && thinking.type === "adaptive"
}

/**
 * The model decides how much it thinks; the nearest that the service has is a budget. Half of the answer's length
 * leaves room for the answer. A short answer gets no budget, because the smallest one would not fit in it.
 */
function enabledThinking(maxTokens: unknown): object {
  const half = typeof maxTokens === "number" ? Math.floor(maxTokens / 2) : MAX_BUDGET
  return half < MIN_BUDGET ? {} : { thinking: { type: "enabled", budget_tokens: Math.min(half, MAX_BUDGET) } }
}
