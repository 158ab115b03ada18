import { HostTool, toolNamePrompt } from "qwen-auth-core/internal"
import * as v from "valibot"
import { apiModelId } from "./model-id.ts"
import { KNOWN_TOOLS } from "./tool-names.ts"

const Message = v.looseObject({ role: v.optional(v.unknown()), content: v.optional(v.unknown()) })
const Tool = v.looseObject({ function: v.optional(v.looseObject({})) })
const Chat = v.looseObject({
  model: v.optional(v.unknown()),
  messages: v.array(Message),
  tools: v.nullish(v.array(Tool)),
})
type Chat = v.InferOutput<typeof Chat>

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
  const chat = parseJson(body)
  if (!v.is(Chat, chat)) return body
  const model = typeof chat.model === "string" ? apiModelId(chat.model) : chat.model
  const text = toolNames ? toolNamePrompt(KNOWN_TOOLS, hostTools(chat)) : undefined
  const quick = chat["stream"] !== true && THINKING_CHOICES.every((name) => chat[name] === undefined)
  if (model === chat.model && text === undefined && !quick) return body
  return JSON.stringify({
    ...chat,
    ...(model === undefined ? {} : { model }),
    ...(quick ? { reasoning_effort: "none" } : {}),
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
