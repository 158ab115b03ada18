import {
  fieldsOf,
  type HostTool,
  listOf,
  parseHostTool,
  parseJsonObject,
  toolNamePrompt,
} from "qwen-auth-core/internal"
import { apiModelId } from "./model-id.ts"
import { KNOWN_TOOLS } from "./tool-names.ts"

type Fields = Readonly<Record<string, unknown>>

/** The fields with which a caller chooses how the model thinks. */
const THINKING_CHOICES = ["reasoning_effort", "reasoningEffort", "reasoning", "enable_thinking", "thinking_budget"]

/**
 * Applies this plugin's changes to the body of a chat request. A body that needs no change is returned byte for byte.
 *
 * - the API's id of the model
 * - no thinking, unless the caller chose it or reads the answer as it comes: Alma does not stream titles and the like
 * - when the request has tools, a system text that maps the tool names the model was trained with to these tools
 *
 * @param toolNames whether to add the text about tool names
 */
export function chatBody(body: string, toolNames: boolean): string {
  const chat = parseJsonObject(body) ?? {}
  const { stream, messages, tools } = chat
  if (!isListOfObjects(messages)) return body
  const model = typeof chat["model"] === "string" ? apiModelId(chat["model"]) : chat["model"]
  const text = toolNames ? toolNamePrompt(KNOWN_TOOLS, hostTools(tools)) : undefined
  const quick = stream !== true && THINKING_CHOICES.every((name) => chat[name] === undefined)
  if (model === chat["model"] && text === undefined && !quick) return body
  return JSON.stringify({
    ...chat,
    ...(model === undefined ? {} : { model }),
    ...(quick ? { reasoning_effort: "none" } : {}),
    ...(text === undefined ? {} : { messages: withSystemText(messages, text) }),
  })
}

function isListOfObjects(value: unknown): value is readonly Fields[] {
  return Array.isArray(value) && value.every((item) => fieldsOf(item) !== undefined)
}

function hostTools(tools: unknown): HostTool[] {
  return listOf(tools).flatMap((tool) => {
    const definition = fieldsOf(fieldsOf(tool)?.["function"])
    return parseHostTool({ ...definition, id: definition?.["name"] }) ?? []
  })
}

/** Appends to the first system message. The text before it is unchanged, so the service's prompt cache still matches. */
function withSystemText(messages: readonly Fields[], text: string): unknown[] {
  const position = messages.findIndex(({ role }) => role === "system" || role === "developer")
  if (position === -1) return [{ role: "system", content: text }, ...messages]
  return messages.map((message, index) =>
    index === position ? { ...message, content: appendText(message["content"], text) } : message,
  )
}

function appendText(content: unknown, text: string): unknown {
  if (Array.isArray(content)) return [...content, { type: "text", text }]
  return typeof content === "string" && content !== "" ? `${content}\n\n${text}` : text
}
