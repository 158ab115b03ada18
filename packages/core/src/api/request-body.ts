import { CODER_MODEL, oauthModel } from "../catalog/oauth-models.ts"
import { type BodyRules, type ChatBody, fieldsOf, forcesTool, withoutEmptyTools } from "./body-rules.ts"

const NEUTRAL_SYSTEM_TEXT = "You are a helpful assistant."
const CACHED = { cache_control: { type: "ephemeral" } }

/** The service takes at most four marks for the prompt cache. */
const MOST_MARKS = 4

/** The body rules of the OAuth route. */
export const OAUTH_BODY_RULES: BodyRules = { id: "account", apply: oauthRequestBody }

/**
 * Returns a chat request that follows the rules of the OAuth route. Each rule avoids a reported 400. All other fields
 * are kept.
 *
 * - the model: every text model is `coder-model`, every vision model `vision-model`
 * - exactly one system message, first, in parts, its last part marked for the prompt cache; `developer` is `system`
 * - no empty `tools`; `tool_choice` only `auto` or `none` while thinking is on; no `reasoning*` fields
 * - no more output tokens than the model allows; usage in a stream's last chunk; images in full resolution for the
 *   vision model
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
    request["stream_options"] = { ...fieldsOf(request["stream_options"]), include_usage: true }
  }
  if (model.id === "vision-model") request["vl_high_resolution_images"] = true
  return request
}

function withOneSystemMessage(messages: readonly unknown[]): unknown[] {
  const rest = messages.filter((message) => !isSystem(message))
  const parts = messages.filter(isSystem).flatMap((message) => contentParts(fieldsOf(message)["content"]))
  const content = parts.length > 0 ? parts : [{ type: "text", text: NEUTRAL_SYSTEM_TEXT }]
  // The other parts of the system message need no mark of their own: the last one's covers them.
  const first = content.slice(0, -1).map(({ cache_control, ...part }) => part)
  const last = { ...content[content.length - 1], ...(countMarks(rest) < MOST_MARKS ? CACHED : {}) }
  return [{ role: "system", content: [...first, last] }, ...rest]
}

function isSystem(message: unknown): boolean {
  const { role } = fieldsOf(message)
  return role === "system" || role === "developer"
}

/** Makes no object per message, because a conversation may have thousands. */
function countMarks(messages: readonly unknown[]): number {
  let marks = 0
  for (const message of messages) {
    const { content } = fieldsOf(message)
    if (Array.isArray(content)) marks += content.filter((part) => fieldsOf(part)["cache_control"] !== undefined).length
  }
  return marks
}

function contentParts(content: unknown): ChatBody[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }]
  return Array.isArray(content)
    ? content.map((part) => (typeof part === "string" ? { type: "text", text: part } : fieldsOf(part)))
    : []
}
