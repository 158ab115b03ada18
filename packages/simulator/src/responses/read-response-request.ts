import {
  type ChatMessage,
  type ChatRequest,
  type ChatTool,
  type ContentPart,
  list,
  MalformedRequestError,
} from "../chat/chat-request.ts"
import { isJsonObject, type JsonObject } from "../json.ts"

/** Converts an OpenAI Responses request into a chat request. @throws MalformedRequestError */
export function readResponseRequest(body: unknown): ChatRequest {
  if (!isJsonObject(body)) throw new MalformedRequestError("The body is not a JSON object")
  if (typeof body["model"] !== "string") throw new MalformedRequestError("'model' must be a string")
  const { instructions, input } = body
  const messages = typeof input === "string" ? [textMessage("user", input)] : list(input, "input").flatMap(readItem)
  return {
    model: body["model"],
    messages: typeof instructions === "string" ? [textMessage("system", instructions), ...messages] : messages,
    tools: body["tools"] === undefined ? undefined : list(body["tools"], "tools").map(readTool),
    toolChoice: body["tool_choice"],
    stream: body["stream"] === true,
    includeUsage: true,
    maxTokens: body["max_output_tokens"],
    thinkingBudget: undefined,
    ...readThinking(body),
  }
}

type ThinkingFields = Pick<ChatRequest, "enableThinking" | "reasoningEffort" | "keys">

/** `reasoning.effort` corresponds to `reasoning_effort`. */
function readThinking({ reasoning, enable_thinking: enabled }: JsonObject): ThinkingFields {
  const effort = isJsonObject(reasoning) ? reasoning["effort"] : undefined
  return {
    enableThinking: typeof enabled === "boolean" ? enabled : undefined,
    reasoningEffort: effort,
    keys: [
      ...(enabled === undefined ? [] : ["enable_thinking"]),
      ...(effort === undefined || effort === null ? [] : ["reasoning_effort"]),
    ],
  }
}

function readItem(item: unknown, index: number): ChatMessage[] {
  const where = `input[${index}]`
  if (!isJsonObject(item)) throw new MalformedRequestError(`'${where}' is not an object`)
  switch (item["type"] ?? "message") {
    case "message":
      if (typeof item["role"] !== "string") throw new MalformedRequestError(`'${where}' has no role`)
      return [message(item["role"], partsOf(item["content"], where))]
    case "function_call":
      return [{ ...message("assistant", []), toolCalls: [readCall(item, where)] }]
    case "function_call_output":
      return [{ ...message("tool", partsOf(item["output"], where)), toolCallId: textIn(item, "call_id", where) }]
    case "reasoning":
      return []
    default:
      throw new MalformedRequestError(`'${where}' is of an unknown type`)
  }
}

function readCall(item: JsonObject, where: string) {
  return {
    id: textIn(item, "call_id", where),
    name: textIn(item, "name", where),
    arguments: textIn(item, "arguments", where),
  }
}

function textIn(item: JsonObject, key: string, where: string): string {
  const text = item[key]
  if (typeof text !== "string") throw new MalformedRequestError(`'${where}.${key}' must be a string`)
  return text
}

function textMessage(role: string, text: string): ChatMessage {
  return message(role, [{ kind: "text", text, marked: false }])
}

function message(role: string, parts: ContentPart[]): ChatMessage {
  return { role, contentIsArray: false, parts, toolCalls: [], toolCallId: undefined }
}

function partsOf(content: unknown, where: string): ContentPart[] {
  if (typeof content === "string") return [{ kind: "text", text: content, marked: false }]
  return list(content, `${where}.content`).map((part) => readPart(part, where))
}

function readPart(part: unknown, where: string): ContentPart {
  const { type, text, image_url: url } = isJsonObject(part) ? part : {}
  if ((type === "input_text" || type === "output_text") && typeof text === "string") {
    return { kind: "text", text, marked: false }
  }
  if (type === "input_image" && typeof url === "string") return { kind: "image", url, marked: false }
  throw new MalformedRequestError(`'${where}' has a part of an unknown type`)
}

function readTool(tool: unknown): ChatTool {
  if (!isJsonObject(tool) || tool["type"] !== "function" || typeof tool["name"] !== "string") {
    throw new MalformedRequestError("'tools' has an entry that is no function with a name")
  }
  const { description, parameters } = tool
  return {
    name: tool["name"],
    description: typeof description === "string" ? description : "",
    parameters: isJsonObject(parameters) ? parameters : {},
    marked: false,
  }
}
