import { isJsonObject, type JsonObject } from "../json.ts"

/** A parsed chat request, with the fields that the rules and the answers use. */
export interface ChatRequest {
  model: string
  messages: ChatMessage[]
  /** `undefined` without `tools`. */
  tools: ChatTool[] | undefined
  toolChoice: unknown
  stream: boolean
  includeUsage: boolean
  /** `undefined`: the model's default. */
  enableThinking: boolean | undefined
  thinkingBudget: unknown
  reasoningEffort: unknown
  maxTokens: unknown
  /** The names of all top-level keys. */
  keys: string[]
}

export interface ChatMessage {
  role: string
  /** Whether `content` is an array of parts instead of a string. */
  contentIsArray: boolean
  parts: ContentPart[]
  toolCalls: ToolCall[]
  toolCallId: string | undefined
}

export type ContentPart = TextPart | ImagePart

interface TextPart {
  kind: "text"
  text: string
  /** Marked with `cache_control`. */
  marked: boolean
}

export interface ImagePart {
  kind: "image"
  url: string
  marked: boolean
}

export interface ChatTool {
  name: string
  description: string
  parameters: JsonObject
  marked: boolean
}

export interface ToolCall {
  id: string
  name: string
  /** JSON text, as on the wire. */
  arguments: string
}

/** The body is not a chat request. */
export class MalformedRequestError extends Error {
  override name = "MalformedRequestError"
}

/** Parses a request in OpenAI's chat format. @throws MalformedRequestError */
export function readChatRequest(value: unknown): ChatRequest {
  const body = readBody(value)
  return {
    model: body.model,
    messages: list(body["messages"], "messages").map(readMessage),
    tools:
      body["tools"] === undefined || body["tools"] === null ? undefined : list(body["tools"], "tools").map(readTool),
    toolChoice: body["tool_choice"],
    stream: body["stream"] === true,
    includeUsage: isJsonObject(body["stream_options"]) && body["stream_options"]["include_usage"] === true,
    enableThinking: typeof body["enable_thinking"] === "boolean" ? body["enable_thinking"] : undefined,
    thinkingBudget: body["thinking_budget"],
    reasoningEffort: body["reasoning_effort"],
    maxTokens: body["max_tokens"],
    keys: Object.keys(body),
  }
}

/** A JSON object with a model, as in all API formats. @throws MalformedRequestError */
export function readBody(value: unknown): JsonObject & { readonly model: string } {
  if (!isJsonObject(value)) throw new MalformedRequestError("The body is not a JSON object")
  const { model } = value
  if (typeof model !== "string") throw new MalformedRequestError("'model' must be a string")
  return { ...value, model }
}

/** A message without tool calls, in a format that does not tell strings from lists of parts. */
export function plainMessage(role: string, parts: ContentPart[]): ChatMessage {
  return { role, contentIsArray: false, parts, toolCalls: [], toolCallId: undefined }
}

/** A text without a mark for the prompt cache. */
export function textPart(text: string): ContentPart {
  return { kind: "text", text, marked: false }
}

/** The declaration of a tool. Optional fields of a wrong type count as missing. */
export function declaredTool(name: string, description: unknown, parameters: unknown, marked: boolean): ChatTool {
  return {
    name,
    description: typeof description === "string" ? description : "",
    parameters: isJsonObject(parameters) ? parameters : {},
    marked,
  }
}

function readMessage(message: unknown, index: number): ChatMessage {
  if (!isJsonObject(message) || typeof message["role"] !== "string") {
    throw new MalformedRequestError(`'messages[${index}]' has no role`)
  }
  const calls = message["tool_calls"]
  return {
    role: message["role"],
    contentIsArray: Array.isArray(message["content"]),
    parts: readContent(message["content"], `messages[${index}].content`),
    toolCalls: calls === undefined || calls === null ? [] : list(calls, "tool_calls").map(readToolCall),
    toolCallId: typeof message["tool_call_id"] === "string" ? message["tool_call_id"] : undefined,
  }
}

function readContent(content: unknown, where: string): ContentPart[] {
  if (content === undefined || content === null) return []
  if (typeof content === "string") return [textPart(content)]
  return list(content, where).map((part) => readPart(part, where))
}

function readPart(part: unknown, where: string): ContentPart {
  if (isJsonObject(part) && part["type"] === "text" && typeof part["text"] === "string") {
    return { kind: "text", text: part["text"], marked: isMarked(part) }
  }
  if (isJsonObject(part) && part["type"] === "image_url") {
    const url = isJsonObject(part["image_url"]) ? part["image_url"]["url"] : undefined
    if (typeof url === "string") return { kind: "image", url, marked: isMarked(part) }
  }
  throw new MalformedRequestError(`'${where}' has a part that is neither text nor image_url`)
}

function readTool(tool: unknown): ChatTool {
  const declared = isJsonObject(tool) ? tool["function"] : undefined
  if (!isJsonObject(declared) || typeof declared["name"] !== "string") {
    throw new MalformedRequestError("'tools' has an entry without a function name")
  }
  const marked = isJsonObject(tool) && isMarked(tool)
  return declaredTool(declared["name"], declared["description"], declared["parameters"], marked)
}

/** Whether a part or tool has a mark for the prompt cache. */
export function isMarked({ cache_control: mark }: JsonObject): boolean {
  return isJsonObject(mark) && mark["type"] === "ephemeral"
}

function readToolCall(call: unknown): ToolCall {
  const made = isJsonObject(call) ? call["function"] : undefined
  if (!isJsonObject(call) || !isJsonObject(made) || typeof made["name"] !== "string") {
    throw new MalformedRequestError("'tool_calls' has an entry without a function name")
  }
  return {
    id: typeof call["id"] === "string" ? call["id"] : "",
    name: made["name"],
    arguments: typeof made["arguments"] === "string" ? made["arguments"] : "{}",
  }
}

/** @throws MalformedRequestError when it is not an array. */
export function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new MalformedRequestError(`'${where}' must be an array`)
  return value
}

/** The text of a message, its parts joined. */
export function textOf(message: ChatMessage | undefined): string {
  const texts = message?.parts.filter((part) => part.kind === "text") ?? []
  return texts.map((part) => part.text).join("\n")
}
