import { CODER_MODEL, oauthModel, VISION_MODEL } from "../catalog/oauth-models.ts"
import { listOf } from "../http/json-object.ts"
import {
  asObject,
  type BodyRules,
  type ChatBody,
  forcesTool,
  withoutEmptyTools,
  withStreamedUsage,
} from "./body-rules.ts"
import { CACHE_MARK } from "./prompt-cache-marks.ts"

const NEUTRAL_SYSTEM_TEXT = "You are a helpful assistant."

/** Maximum number of marks for the prompt cache that the service accepts. */
const MAX_MARKS = 4

/** The body rules of the OAuth route. */
export const OAUTH_BODY_RULES: BodyRules = { id: "account", apply: oauthRequestBody }

/**
 * Returns a chat request that follows the rules of the OAuth route. Each rule avoids a reported 400. All other fields
 * are kept.
 *
 * - Every text model is `coder-model`, every vision model is `vision-model`.
 * - The first message is the only system message. It has parts, and the last one is marked for the prompt cache.
 *   `developer` messages become parts of it.
 * - An empty `tools` and the `reasoning*` fields are removed. While thinking is on, `tool_choice` is `auto` or `none`.
 * - The output tokens are limited to those of the model, a stream has the usage in its last chunk, and the vision model
 *   sees images in full resolution.
 */
export function oauthRequestBody(body: ChatBody): ChatBody {
  const { reasoning, reasoning_effort, reasoningEffort, ...known } = body
  const model = typeof body["model"] === "string" ? oauthModel(body["model"]) : CODER_MODEL
  const request: Record<string, unknown> = { ...withoutEmptyTools(known), model: model.id }
  if (Array.isArray(request["messages"])) request["messages"] = withOneSystemMessage(request["messages"])
  if (forcesTool(request) && request["enable_thinking"] !== false) request["tool_choice"] = "auto"
  for (const limit of ["max_tokens", "max_completion_tokens"]) {
    const requested = request[limit]
    if (typeof requested === "number") request[limit] = Math.min(requested, model.outputTokens)
  }
  if (request["stream"] === true) {
    request["stream_options"] = withStreamedUsage(request)
  }
  if (model === VISION_MODEL) request["vl_high_resolution_images"] = true
  return request
}

function withOneSystemMessage(messages: readonly unknown[]): unknown[] {
  const rest = messages.filter((message) => !isSystem(message))
  const parts = messages.filter(isSystem).flatMap((message) => contentParts(asObject(message)["content"]))
  const content = parts.length > 0 ? parts : [{ type: "text", text: NEUTRAL_SYSTEM_TEXT }]
  // Only the last part needs a mark, because it covers the parts before it.
  const first = content.slice(0, -1).map(({ cache_control, ...part }) => part)
  const last = { ...content[content.length - 1], ...(countMarks(rest) < MAX_MARKS ? CACHE_MARK : {}) }
  return [{ role: "system", content: [...first, last] }, ...rest]
}

function isSystem(message: unknown): boolean {
  const { role } = asObject(message)
  return role === "system" || role === "developer"
}

/** Counts without an object per message, because a conversation may have thousands of them. */
function countMarks(messages: readonly unknown[]): number {
  let marks = 0
  for (const message of messages) {
    const { content } = asObject(message)
    if (Array.isArray(content)) marks += content.filter((part) => asObject(part)["cache_control"] !== undefined).length
  }
  return marks
}

function contentParts(content: unknown): ChatBody[] {
  if (content === "") return []
  const parts = typeof content === "string" ? [content] : listOf(content)
  return parts.map((part) => (typeof part === "string" ? { type: "text", text: part } : asObject(part)))
}
