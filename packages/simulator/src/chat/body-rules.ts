import type { Reply } from "../http/reply.ts"
import { FORCED_WHILE_THINKING, forcesTool } from "../models/model-rules.ts"
import { modelNotFound, ruleBroken } from "./api-error.ts"
import type { ChatRequest } from "./chat-request.ts"
import { MODELS, type Model } from "./models.ts"

/** Parameters that the OAuth route does not support (reported: 400). */
const UNKNOWN_KEYS = ["reasoning", "reasoning_effort", "reasoningEffort"]
const ROLES = ["system", "user", "assistant", "tool"]

/** The refusal for the first body rule that a request breaks, or `undefined`. Each rule was reported as a 400 of the OAuth route. */
export function brokenRule(request: ChatRequest): Reply | undefined {
  const model = Object.hasOwn(MODELS, request.model) ? MODELS[request.model] : undefined
  if (model === undefined) return modelNotFound(request.model)
  const rule =
    roleRule(request) ??
    systemRule(request) ??
    toolsRule(request) ??
    unknownKeyRule(request) ??
    maxTokensRule(request, model) ??
    imageRule(request, model)
  return rule === undefined ? undefined : ruleBroken(rule)
}

function roleRule({ messages }: ChatRequest): string | undefined {
  if (messages.length === 0) return "[] is too short - 'messages'"
  const strange = messages.find((message) => !ROLES.includes(message.role))
  return strange === undefined
    ? undefined
    : `'${strange.role}' is not one of ['${ROLES.join("', '")}'] - 'messages.role'`
}

function systemRule({ messages }: ChatRequest): string | undefined {
  const count = messages.filter((message) => message.role === "system").length
  if (count !== 1) return `There must be exactly one system message, found ${count}`
  if (messages[0]?.role !== "system") return "The system message must be the first message"
  return messages[0].contentIsArray ? undefined : "The content of the system message must be an array of parts"
}

function toolsRule(request: ChatRequest): string | undefined {
  if (request.tools?.length === 0) return "[] is too short - 'tools'"
  return forcesTool(request) && request.enableThinking !== false ? FORCED_WHILE_THINKING : undefined
}

function unknownKeyRule({ keys }: ChatRequest): string | undefined {
  const unknown = keys.find((key) => UNKNOWN_KEYS.includes(key))
  return unknown === undefined ? undefined : `Unknown parameter: '${unknown}'`
}

function maxTokensRule({ maxTokens }: ChatRequest, model: Model): string | undefined {
  if (maxTokens === undefined || maxTokens === null) return undefined
  const fits = typeof maxTokens === "number" && Number.isInteger(maxTokens) && maxTokens >= 1
  return fits && maxTokens <= model.maxTokens ? undefined : `Range of max_tokens should be [1, ${model.maxTokens}]`
}

function imageRule({ model: name, messages }: ChatRequest, model: Model): string | undefined {
  const hasImage = messages.some((message) => message.parts.some((part) => part.kind === "image"))
  return hasImage && !model.images ? `The model ${name} does not take images` : undefined
}
