import type { GatewayModels } from "./gateway-models.ts"
import { type AliasChoices, resolveModel } from "./model-aliases.ts"
import type { JsonBody } from "./request-body.ts"
import { withoutSystemMessages } from "./system-messages.ts"

/** The smallest thinking budget of Anthropic's API, tokens. */
const MIN_BUDGET = 1_024

/**
 * Returns the body of a Messages request as the plan accepts it: with the plan's model instead of an alias, and without
 * the `adaptive` thinking and the `system` messages that the service refuses. Any other body is kept unchanged.
 */
export function messagesBody(body: JsonBody, choices: AliasChoices, offered: GatewayModels): JsonBody {
  const sent = body.json["model"]
  const model = typeof sent === "string" ? resolveModel(sent, choices, offered) : sent
  const adaptive = isAdaptive(body.json["thinking"])
  const messages = withoutSystemMessages(body.json["messages"])
  if (model === sent && !adaptive && messages === undefined) return body
  const { thinking, ...rest } = body.json
  const maxBudget = offered.models.find(({ id }) => id === model)?.thinking?.maxBudgetTokens
  const kept = adaptive ? enabledThinking(body.json["max_tokens"], maxBudget) : { thinking }
  const json = {
    ...rest,
    ...(messages === undefined ? {} : { messages }),
    ...(thinking === undefined ? {} : kept),
    model,
  }
  return { json, text: JSON.stringify(json) }
}

function isAdaptive(thinking: unknown): boolean {
  return typeof thinking === "object" && thinking !== null && "type" in thinking && thinking.type === "adaptive"
}

/**
 * With `adaptive` the model decides how much it thinks. The nearest equivalent of the service is a budget. Half of the
 * answer's length leaves room for the answer. A short answer gets no budget, because the smallest one would not fit in
 * it. A model that takes no budget thinks as it does by itself.
 */
function enabledThinking(maxTokens: unknown, maxBudget: number | undefined): object {
  if (maxBudget === undefined) return {}
  const budget = typeof maxTokens === "number" ? Math.min(Math.floor(maxTokens / 2), maxBudget) : maxBudget
  return budget < MIN_BUDGET ? {} : { thinking: { type: "enabled", budget_tokens: budget } }
}
