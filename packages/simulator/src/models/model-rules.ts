import { invalidParameter } from "../chat/api-error.ts"
import type { ChatRequest } from "../chat/chat-request.ts"
import type { Reply } from "../http/reply.ts"
import type { ChatModel, Thinking } from "./chat-model.ts"

/** The names of these parameters in other services. No model here supports them. */
const FOREIGN_KEYS = ["reasoning", "reasoningEffort", "thinking"]

/** Whether the model thinks before it answers this request. */
export function thinksAbout({ enableThinking, reasoningEffort }: ChatRequest, { thinking }: ChatModel): boolean {
  return thinking.thinks && enableThinking !== false && reasoningEffort !== "none"
}

/** The refusal of a request with a parameter that the model does not support. */
export function brokenModelRule(request: ChatRequest, model: ChatModel): Reply | undefined {
  const { thinking } = model
  const rule =
    foreignKeyRule(request) ??
    toggleRule(request, thinking) ??
    effortRule(request, thinking) ??
    budgetRule(request, thinking) ??
    unstreamedRule(request, thinking) ??
    toolChoiceRule(request, model) ??
    plainStringRule(request)
  return rule === undefined ? undefined : invalidParameter(rule)
}

function foreignKeyRule({ keys }: ChatRequest): string | undefined {
  const foreign = keys.find((key) => FOREIGN_KEYS.includes(key))
  return foreign === undefined ? undefined : `Unknown parameter: '${foreign}'`
}

function toggleRule({ enableThinking, keys }: ChatRequest, { thinks, canBeOff }: Thinking): string | undefined {
  if (!keys.includes("enable_thinking")) return undefined
  if (enableThinking === undefined) return "The value of the enable_thinking parameter must be a boolean."
  if (!thinks && enableThinking) return "The value of the enable_thinking parameter is restricted to False."
  if (!canBeOff && !enableThinking) return "The value of the enable_thinking parameter is restricted to True."
  return undefined
}

function effortRule({ model, reasoningEffort: effort, keys }: ChatRequest, { efforts }: Thinking): string | undefined {
  if (!keys.includes("reasoning_effort")) return undefined
  if (efforts.length === 0) return `The model ${model} does not support the reasoning_effort parameter.`
  const known = efforts.some((name) => name === effort)
  return known ? undefined : `The reasoning_effort parameter must be one of: ${efforts.join(", ")}`
}

function budgetRule(request: ChatRequest, { efforts, maxBudget }: Thinking): string | undefined {
  const { model, thinkingBudget: budget, keys } = request
  if (!keys.includes("thinking_budget")) return undefined
  if (maxBudget === undefined) return `The model ${model} does not support the thinking_budget parameter.`
  if (efforts.length > 0 && keys.includes("reasoning_effort")) {
    return "The reasoning_effort and thinking_budget parameters cannot be set together."
  }
  const fits = typeof budget === "number" && Number.isInteger(budget) && budget > 0 && budget <= maxBudget
  return fits ? undefined : budgetTooLarge(maxBudget)
}

/** The thinking budget is over the model's maximum. */
export function budgetTooLarge(maxBudget: number): string {
  return `The thinking_budget parameter must be a positive integer and not greater than ${maxBudget}`
}

function unstreamedRule({ stream, enableThinking }: ChatRequest, { unstreamed }: Thinking): string | undefined {
  if (stream || unstreamed === "answered") return undefined
  if (unstreamed === "refused") return STREAM_ONLY
  return enableThinking === false ? undefined : THINKING_UNSTREAMED
}

const STREAM_ONLY = "This model only support stream mode, please enable the stream parameter to access the model."

/** A model with open weights thinks only in streams. */
export const THINKING_UNSTREAMED = "parameter.enable_thinking must be set to false for non-streaming calls"

function toolChoiceRule(request: ChatRequest, model: ChatModel): string | undefined {
  return forcesTool(request) && thinksAbout(request, model) ? FORCED_WHILE_THINKING : undefined
}

/** Whether the request forces a tool call. */
export function forcesTool({ toolChoice }: ChatRequest): boolean {
  return toolChoice === "required" || (typeof toolChoice === "object" && toolChoice !== null)
}

/** The request forces a tool while the model thinks. */
export const FORCED_WHILE_THINKING =
  "The tool_choice parameter does not support being set to required or object in thinking mode"

/** Without tools, GLM accepts only strings as content, not lists of parts. */
function plainStringRule({ model, tools = [], messages }: ChatRequest): string | undefined {
  if (!model.startsWith("glm-") || tools.length > 0) return undefined
  const index = messages.findIndex(({ contentIsArray }) => contentIsArray)
  return index === -1 ? undefined : `Input should be a valid string: messages[${index}].content`
}
