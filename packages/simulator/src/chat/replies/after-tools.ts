import { isJsonObject, parseJson } from "../../json.ts"
import { type ChatMessage, type ChatRequest, type ToolCall, textOf } from "../chat-request.ts"

/** The answer after the tools have run: what was done, or what failed. `undefined` when the last message is not a tool result. */
export function afterTools(request: ChatRequest): string | undefined {
  const lastOther = request.messages.findLastIndex((message) => message.role !== "tool")
  const results = request.messages.slice(lastOther + 1)
  if (results.length === 0) return undefined
  const calls = request.messages[lastOther]?.toolCalls ?? []
  const callOf = ({ toolCallId }: ChatMessage) => calls.find(({ id }) => id === toolCallId)
  return results.map((result) => sentence(result, callOf(result))).join(" ")
}

function sentence(result: ChatMessage, call: ToolCall | undefined): string {
  const text = textOf(result).trim()
  const name = call?.name ?? "tool"
  if (/^(error|failed|exception)\b|^.{0,120}\b(denied|rejected|ENOENT|EACCES)\b/i.test(text)) {
    return `The ${name} tool reported a problem: ${firstLine(text)}`
  }
  const path = writtenPath(call)
  if (path !== undefined) return `Done: I wrote ${path}.`
  return text === "" ? `The ${name} tool has finished.` : `The ${name} tool answered: ${firstLine(text)}`
}

function writtenPath(call: ToolCall | undefined): string | undefined {
  if (call === undefined || !/write|create/i.test(call.name)) return undefined
  const given = parseJson(call.arguments)
  if (!isJsonObject(given)) return undefined
  const path = Object.entries(given).find(([name]) => /path|file_?name|^file$/i.test(name))?.[1]
  return typeof path === "string" ? path : undefined
}

function firstLine(text: string): string {
  const line = text.split("\n")[0] ?? ""
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}
