import { type ChatBody, fieldsOf } from "./body-rules.ts"

const MARK = { cache_control: { type: "ephemeral" } }

/** Hosts of single workspaces and of trials. The official client does not mark requests to them. */
const WORKSPACE_DOMAIN = ".maas.aliyuncs.com"
const TOKEN_PLAN_HOST = /^token-plan\./

/** Returns true if an API host takes marks for the prompt cache, as the official client sends them. */
export function takesCacheMarks(host: string): boolean {
  return !host.endsWith(WORKSPACE_DOMAIN) || TOKEN_PLAN_HOST.test(host)
}

/** Returns true if the caller marked anything himself. Such a request gets no mark on top. */
export function hasCacheMarks(body: ChatBody): boolean {
  return (
    isMarked(body) ||
    asList(body["tools"]).some((tool) => isMarked(tool) || isMarked(fieldOf(tool, "function"))) ||
    asList(body["messages"]).some(
      (message) => isMarked(message) || asList(fieldOf(message, "content")).some((part) => isMarked(part)),
    )
  )
}

/**
 * Marks the last part of the system message, the last tool and the last part of the last message, as the official client
 * does. The service then keeps the prompt up to each mark for five minutes. At most four marks are allowed.
 *
 * GLM without tools gets none, because its backend wants plain strings.
 */
export function withCacheMarks(body: ChatBody): ChatBody {
  const tools = asList(body["tools"])
  const messages = asList(body["messages"])
  if (messages.length === 0 && tools.length === 0) return body
  if (tools.length === 0 && String(body["model"]).startsWith("glm-")) return body
  const marked = [...messages]
  const system = messages.findIndex((message) => fieldOf(message, "role") === "system")
  for (const index of new Set([system, messages.length - 1])) {
    if (index >= 0) marked[index] = markedMessage(messages[index])
  }
  return {
    ...body,
    ...(messages.length === 0 ? {} : { messages: marked }),
    ...(tools.length === 0 ? {} : { tools: markedLast(tools) }),
  }
}

function markedMessage(message: unknown): unknown {
  const content = fieldOf(message, "content")
  if (typeof content === "string" && content !== "") {
    return { ...fieldsOf(message), content: [{ type: "text", text: content, ...MARK }] }
  }
  return Array.isArray(content) && content.length > 0 ? { ...fieldsOf(message), content: markedLast(content) } : message
}

function markedLast(list: readonly unknown[]): unknown[] {
  const last = list.at(-1)
  return typeof last === "object" && last !== null ? [...list.slice(0, -1), { ...last, ...MARK }] : [...list]
}

function isMarked(value: unknown): boolean {
  return typeof value === "object" && value !== null && "cache_control" in value
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
}
