import { HostTool, toolNamePrompt } from "qwen-auth-core/internal"
import * as v from "valibot"
import { apiModelId } from "./models.ts"
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
 * The body of a chat request with what this plugin changes, all of it documented: the name that the API has for the model, and, when
 * tools are sent, the text that tells the model which of them are meant by the names it knows. Anything else is left as it is, byte
 * for byte.
 * @param toolNames whether that text is wanted
 */
export function chatBody(body: string, toolNames: boolean): string {
  const chat = parsedJson(body)
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

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hostTools({ tools }: Chat): HostTool[] {
  return (tools ?? []).flatMap(({ function: called }) => {
    const tool = v.safeParse(HostTool, { ...called, id: called?.["name"] })
    return tool.success ? [tool.output] : []
  })
}

/** At the end of the first system message: what stands before it stays as the provider's cache knows it. */
function withSystemText(messages: Chat["messages"], text: string): unknown[] {
  const at = messages.findIndex(({ role }) => role === "system" || role === "developer")
  if (at === -1) return [{ role: "system", content: text }, ...messages]
  return messages.map((message, index) =>
    index === at ? { ...message, content: extended(message.content, text) } : message,
  )
}

function extended(content: unknown, text: string): unknown {
  if (Array.isArray(content)) return [...content, { type: "text", text }]
  return typeof content === "string" && content !== "" ? `${content}\n\n${text}` : text
}
