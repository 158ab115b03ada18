import { HostTool, toolNamePrompt } from "qwen-auth-core/internal"
import * as v from "valibot"
import { apiModelId } from "./qwen-models.ts"
import { KNOWN_TOOLS } from "./tool-names.ts"

const Message = v.looseObject({ role: v.optional(v.unknown()), content: v.optional(v.unknown()) })
const Tool = v.looseObject({ function: v.optional(v.looseObject({})) })
const Chat = v.looseObject({
  model: v.optional(v.unknown()),
  messages: v.array(Message),
  tools: v.nullish(v.array(Tool)),
})
type Chat = v.InferOutput<typeof Chat>

/**
 * Applies this plugin's changes to the body of a chat request: the API's id of the model, and, when the request has tools, a system
 * text that maps the tool names the model was trained with to these tools. A body that needs no change is returned byte for byte.
 * @param toolNames whether to add the text about tool names
 */
export function chatBody(body: string, toolNames: boolean): string {
  const chat = parseJson(body)
  if (!v.is(Chat, chat)) return body
  const model = typeof chat.model === "string" ? apiModelId(chat.model) : chat.model
  const text = toolNames ? toolNamePrompt(KNOWN_TOOLS, hostTools(chat)) : undefined
  if (model === chat.model && text === undefined) return body
  return JSON.stringify({
    ...chat,
    ...(model === undefined ? {} : { model }),
    ...(text === undefined ? {} : { messages: withSystemText(chat.messages, text) }),
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hostTools({ tools }: Chat): HostTool[] {
  return (tools ?? []).flatMap(({ function: definition }) => {
    const tool = v.safeParse(HostTool, { ...definition, id: definition?.["name"] })
    return tool.success ? [tool.output] : []
  })
}

/** Appends to the first system message. The text before it is unchanged, so the service's prompt cache still matches. */
function withSystemText(messages: Chat["messages"], text: string): unknown[] {
  const position = messages.findIndex(({ role }) => role === "system" || role === "developer")
  if (position === -1) return [{ role: "system", content: text }, ...messages]
  return messages.map((message, index) =>
    index === position ? { ...message, content: appendText(message.content, text) } : message,
  )
}

function appendText(content: unknown, text: string): unknown {
  if (Array.isArray(content)) return [...content, { type: "text", text }]
  return typeof content === "string" && content !== "" ? `${content}\n\n${text}` : text
}
