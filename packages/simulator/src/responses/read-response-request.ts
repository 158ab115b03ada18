import {
  type ChatMessage,
  type ChatRequest,
  type ChatTool,
  type ContentPart,
  declaredTool,
  list,
  MalformedRequestError,
  plainMessage,
  readBody,
  textPart,
} from "../chat/chat-request.ts"
import { isJsonObject, type JsonObject } from "../json.ts"

/** Converts an OpenAI Responses request into a chat request. @throws MalformedRequestError */
export function readResponseRequest(value: unknown): ChatRequest {
  const body = readBody(value)
  const { instructions, input } = body
  const messages =
    typeof input === "string" ? [plainMessage("user", [textPart(input)])] : list(input, "input").flatMap(readItem)
  return {
    model: body.model,
    messages:
      typeof instructions === "string" ? [plainMessage("system", [textPart(instructions)]), ...messages] : messages,
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
      return [plainMessage(item["role"], partsOf(item["content"], where))]
    case "function_call":
      return [{ ...plainMessage("assistant", []), toolCalls: [readCall(item, where)] }]
    case "function_call_output":
      return [{ ...plainMessage("tool", partsOf(item["output"], where)), toolCallId: textIn(item, "call_id", where) }]
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

function partsOf(content: unknown, where: string): ContentPart[] {
  if (typeof content === "string") return [textPart(content)]
  return list(content, `${where}.content`).map((part) => readPart(part, where))
}

function readPart(part: unknown, where: string): ContentPart {
  const { type, text, image_url: url } = isJsonObject(part) ? part : {}
  if ((type === "input_text" || type === "output_text") && typeof text === "string") {
    return textPart(text)
  }
  if (type === "input_image" && typeof url === "string") return { kind: "image", url, marked: false }
  throw new MalformedRequestError(`'${where}' has a part of an unknown type`)
}

function readTool(tool: unknown): ChatTool {
  if (!isJsonObject(tool) || tool["type"] !== "function" || typeof tool["name"] !== "string") {
    throw new MalformedRequestError("'tools' has an entry that is not a function with a name")
  }
  return declaredTool(tool["name"], tool["description"], tool["parameters"], false)
}
