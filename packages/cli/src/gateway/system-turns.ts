type Json = Readonly<Record<string, unknown>>

/**
 * Returns the messages with each `system` message inside the conversation as a reminder of the user, or undefined if
 * there is none. Claude Code sends such messages since 2.1.154; Qwen's service takes only `user` and `assistant`
 * (QwenLM/Qwen#2244). They stay in their place, so that the prompt cache still fits, and in the form that Claude Code
 * itself uses where `system` messages are not known. Neighbours of the same role become one message.
 */
export function withoutSystemTurns(messages: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(messages) || !messages.some(isSystemTurn)) return undefined
  const kept: unknown[] = []
  let afterReminder = false
  for (const message of messages) {
    const reminder = isSystemTurn(message)
    const turn = reminder ? { role: "user", content: blocksOf(message.content).map(asReminder) } : message
    const last = kept.at(-1)
    if ((reminder || afterReminder) && isUserTurn(turn) && isUserTurn(last)) {
      kept[kept.length - 1] = { ...last, content: [...blocksOf(last.content), ...blocksOf(turn.content)] }
    } else {
      kept.push(turn)
    }
    afterReminder = reminder
  }
  return kept
}

interface Turn {
  readonly role: string
  readonly content?: unknown
}

function isSystemTurn(message: unknown): message is Turn {
  return roleOf(message) === "system"
}

function isUserTurn(message: unknown): message is Turn {
  return roleOf(message) === "user"
}

function roleOf(message: unknown): unknown {
  return typeof message === "object" && message !== null ? Reflect.get(message, "role") : undefined
}

function blocksOf(content: unknown): readonly unknown[] {
  return Array.isArray(content) ? content : [{ type: "text", text: content ?? "" }]
}

function asReminder(block: unknown): unknown {
  if (!isText(block)) return block
  return { ...block, text: `<system-reminder>\n${block.text}\n</system-reminder>` }
}

function isText(block: unknown): block is Json & { readonly text: string } {
  return typeof block === "object" && block !== null && typeof Reflect.get(block, "text") === "string"
}
