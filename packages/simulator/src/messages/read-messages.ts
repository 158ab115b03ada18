import {
  type ChatMessage,
  type ChatRequest,
  type ChatTool,
  type ContentPart,
  declaredTool,
  isMarked,
  list,
  MalformedRequestError,
  plainMessage,
  readBody,
  type ToolCall,
  textPart,
} from "../chat/chat-request.ts"
import { isJsonObject, type JsonObject } from "../json.ts"

/** Converts an Anthropic Messages request into a chat request. @throws MalformedRequestError */
export function readMessagesRequest(value: unknown): ChatRequest {
  const body = readBody(value)
  const system = partsOf(body["system"], "system")
  const messages = list(body["messages"], "messages").flatMap(readMessage)
  return {
    model: body.model,
    messages: system.length === 0 ? messages : [plainMessage("system", system), ...messages],
    tools: body["tools"] === undefined ? undefined : list(body["tools"], "tools").map(readTool),
    toolChoice: readToolChoice(body["tool_choice"]),
    stream: body["stream"] === true,
    includeUsage: true,
    maxTokens: body["max_tokens"],
    reasoningEffort: undefined,
    ...readThinking(body["thinking"]),
  }
}

type ThinkingFields = Pick<ChatRequest, "enableThinking" | "thinkingBudget" | "keys">

function readThinking(thinking: unknown): ThinkingFields {
  if (thinking === undefined) return { enableThinking: undefined, thinkingBudget: undefined, keys: [] }
  const { type = undefined, budget_tokens: budget = undefined } = isJsonObject(thinking) ? thinking : {}
  if (type !== "enabled" && type !== "disabled") {
    throw new MalformedRequestError("'thinking.type' must be one of: enabled, disabled")
  }
  const keys = budget === undefined ? ["enable_thinking"] : ["enable_thinking", "thinking_budget"]
  return { enableThinking: type === "enabled", thinkingBudget: budget, keys }
}

function readToolChoice(choice: unknown): unknown {
  if (!isJsonObject(choice)) return undefined
  if (choice["type"] === "any") return "required"
  return choice["type"] === "tool" ? choice : choice["type"]
}

/** Splits tool results from the user message that contains them in Anthropic's format. */
function readMessage(value: unknown, index: number): ChatMessage[] {
  const where = `messages[${index}]`
  if (!isJsonObject(value) || (value["role"] !== "user" && value["role"] !== "assistant")) {
    throw new MalformedRequestError(`'${where}' has no role user or assistant`)
  }
  const { role, content } = value
  if (typeof content === "string") return [plainMessage(role, partsOf(content, where))]
  const blocks = list(content, `${where}.content`).filter(isJsonObject)
  const results = blocks.filter(({ type }) => type === "tool_result")
  const calls = blocks.filter(({ type }) => type === "tool_use").map(readToolUse)
  const parts = partsOf(blocks.filter(isPart), where)
  const answered = results.map((result) => ({
    ...plainMessage("tool", withMark(partsOf(result["content"], where), isMarked(result))),
    toolCallId: typeof result["tool_use_id"] === "string" ? result["tool_use_id"] : undefined,
  }))
  const own = parts.length + calls.length === 0 ? [] : [{ ...plainMessage(role, parts), toolCalls: calls }]
  return [...answered, ...own]
}

function isPart({ type }: JsonObject): boolean {
  return type !== "tool_result" && type !== "tool_use" && type !== "thinking"
}

function partsOf(content: unknown, where: string): ContentPart[] {
  if (content === undefined) return []
  if (typeof content === "string") return [textPart(content)]
  return list(content, where).map((block) => readPart(block, where))
}

function readPart(block: unknown, where: string): ContentPart {
  if (isJsonObject(block) && block["type"] === "text" && typeof block["text"] === "string") {
    return { kind: "text", text: block["text"], marked: isMarked(block) }
  }
  if (isJsonObject(block) && block["type"] === "image" && isJsonObject(block["source"])) {
    const { url, media_type: type, data } = block["source"]
    return {
      kind: "image",
      url: typeof url === "string" ? url : `data:${type};base64,${data}`,
      marked: isMarked(block),
    }
  }
  throw new MalformedRequestError(`'${where}' has a block of an unknown kind`)
}

function withMark(parts: ContentPart[], marked: boolean): ContentPart[] {
  return parts.map((part, index) => (marked && index === parts.length - 1 ? { ...part, marked } : part))
}

function readToolUse({ id, name, input }: JsonObject): ToolCall {
  if (typeof name !== "string") throw new MalformedRequestError("A tool_use has no name")
  return { id: typeof id === "string" ? id : "", name, arguments: JSON.stringify(input ?? {}) }
}

function readTool(tool: unknown): ChatTool {
  if (!isJsonObject(tool) || typeof tool["name"] !== "string") {
    throw new MalformedRequestError("'tools' has an entry without a name")
  }
  return declaredTool(tool["name"], tool["description"], tool["input_schema"], isMarked(tool))
}
