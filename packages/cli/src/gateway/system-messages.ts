import { fieldsOf } from "qwen-auth-core/internal"

/**
 * Returns the messages with each `system` message inside the conversation as a reminder of the user, or undefined if
 * there is none. Claude Code sends such messages since 2.1.154; Qwen's service takes only `user` and `assistant`
 * (QwenLM/Qwen#2244). They stay in their place, so that the prompt cache still fits, and in the form that Claude Code
 * itself uses where `system` messages are not known. Neighbours of the same role become one message.
 */
export function withoutSystemMessages(messages: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(messages) || !messages.some((message) => hasRole(message, "system"))) return undefined
  const kept: unknown[] = []
  let afterReminder = false
  for (const message of messages) {
    const reminder = hasRole(message, "system")
    const next = reminder ? { role: "user", content: blocksOf(message.content).map(asReminder) } : message
    const last = kept.at(-1)
    if ((reminder || afterReminder) && hasRole(next, "user") && hasRole(last, "user")) {
      kept[kept.length - 1] = { ...last, content: [...blocksOf(last.content), ...blocksOf(next.content)] }
    } else {
      kept.push(next)
    }
    afterReminder = reminder
  }
  return kept
}

interface Message {
  readonly role: string
  readonly content?: unknown
}

function hasRole(message: unknown, role: string): message is Message {
  return fieldsOf(message)?.["role"] === role
}

function blocksOf(content: unknown): readonly unknown[] {
  return Array.isArray(content) ? content : [{ type: "text", text: content ?? "" }]
}

function asReminder(block: unknown): unknown {
  const fields = fieldsOf(block)
  const text = fields?.["text"]
  return typeof text === "string" ? { ...fields, text: `<system-reminder>\n${text}\n</system-reminder>` } : block
}
