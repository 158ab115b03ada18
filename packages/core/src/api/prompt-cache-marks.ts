import { listOf } from "../http/json-object.ts"
import { asObject, type ChatBody } from "./body-rules.ts"

/** Marks the end of a part of the prompt that the service keeps in its cache. */
export const CACHE_MARK = { cache_control: { type: "ephemeral" } }

/** Hosts of single workspaces and of trials. The official client does not mark requests to them. */
const WORKSPACE_DOMAIN = ".maas.aliyuncs.com"
const TOKEN_PLAN_HOST = /^token-plan\./

/** Returns true if the official client marks prompts for the cache in its requests to an API host. */
export function takesCacheMarks(host: string): boolean {
  return !host.endsWith(WORKSPACE_DOMAIN) || TOKEN_PLAN_HOST.test(host)
}

/** Returns true if the caller has set a mark. Such a request gets no other marks. */
export function hasCacheMarks(body: ChatBody): boolean {
  return (
    isMarked(body) ||
    listOf(body["tools"]).some((tool) => isMarked(tool) || isMarked(asObject(tool)["function"])) ||
    listOf(body["messages"]).some(
      (message) => isMarked(message) || listOf(asObject(message)["content"]).some((part) => isMarked(part)),
    )
  )
}

/**
 * Marks the last part of the system message, the last tool and the last part of the last message, as the official client
 * does. The service then keeps the prompt up to each mark for five minutes. At most four marks are allowed.
 *
 * GLM without tools gets no marks, because its backend requires plain strings.
 */
export function withCacheMarks(body: ChatBody): ChatBody {
  const tools = listOf(body["tools"])
  const messages = listOf(body["messages"])
  if (tools.length === 0 && (messages.length === 0 || String(body["model"]).startsWith("glm-"))) return body
  const system = messages.findIndex((message) => asObject(message)["role"] === "system")
  const marked = messages.map((message, index) =>
    index === system || index === messages.length - 1 ? markedMessage(message) : message,
  )
  return {
    ...body,
    ...(messages.length === 0 ? {} : { messages: marked }),
    ...(tools.length === 0 ? {} : { tools: withMarkedLast(tools) }),
  }
}

function markedMessage(message: unknown): unknown {
  const { content } = asObject(message)
  if (typeof content === "string" && content !== "") {
    return { ...asObject(message), content: [{ type: "text", text: content, ...CACHE_MARK }] }
  }
  return Array.isArray(content) && content.length > 0
    ? { ...asObject(message), content: withMarkedLast(content) }
    : message
}

function withMarkedLast(list: readonly unknown[]): unknown[] {
  const last = list.at(-1)
  return typeof last === "object" && last !== null ? [...list.slice(0, -1), { ...last, ...CACHE_MARK }] : [...list]
}

function isMarked(value: unknown): boolean {
  return "cache_control" in asObject(value)
}
