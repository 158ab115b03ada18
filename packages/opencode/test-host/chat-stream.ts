import * as v from "valibot"
import { parseJson } from "./parse-json.ts"

/** A tool call of the model. */
interface ToolCall {
  readonly id: string
  readonly name: string
  readonly input: string
}

/** What a stream has brought. */
export interface ChatAnswer {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** `undefined`: the stream has broken off. */
  readonly finishReason: string | undefined
  /** The `message` of an error inside the stream. */
  readonly error: string | undefined
}

const Text = v.optional(v.nullable(v.string()))
const Chunk = v.object({
  choices: v.optional(
    v.array(
      v.object({
        delta: v.optional(
          v.object({
            content: Text,
            reasoning_content: Text,
            tool_calls: v.optional(
              v.nullable(
                v.array(
                  v.object({
                    index: v.optional(v.number(), 0),
                    id: Text,
                    function: v.optional(v.object({ name: Text, arguments: Text })),
                  }),
                ),
              ),
            ),
          }),
        ),
        finish_reason: Text,
      }),
    ),
  ),
  error: v.optional(v.object({ message: Text })),
})

/** Reads a chat stream to its end. A connection that breaks ends it as well. @param signal an interruption by the person */
export async function readChatStream(response: Response, signal: AbortSignal | undefined): Promise<ChatAnswer> {
  const collected: Collected = { text: "", reasoning: "", finishReason: undefined, error: undefined, calls: new Map() }
  try {
    await readLines(response, signal, (line) => addChunk(collected, line))
  } catch (error) {
    if (signal?.aborted === true) throw error
    collected.finishReason = undefined
  }
  const { calls, ...answer } = collected
  return { ...answer, toolCalls: [...calls.values()] }
}

interface Collected {
  text: string
  reasoning: string
  finishReason: string | undefined
  error: string | undefined
  /** The tool calls by their index. */
  readonly calls: Map<number, ToolCall>
}

async function readLines(
  response: Response,
  signal: AbortSignal | undefined,
  onLine: (line: string) => void,
): Promise<void> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const cancel = () => void reader.cancel(signal?.reason).catch(() => {})
  signal?.addEventListener("abort", cancel, { once: true })
  const decoder = new TextDecoder()
  let rest = ""
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal?.throwIfAborted()
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
      const lines = rest.split(/\r?\n/)
      rest = done ? "" : (lines.pop() ?? "")
      for (const line of lines) onLine(line)
      if (done) return
    }
  } finally {
    signal?.removeEventListener("abort", cancel)
  }
}

function addChunk(collected: Collected, line: string): void {
  if (!line.startsWith("data:")) return
  const text = line.slice(5).trim()
  if (text === "" || text === "[DONE]") return
  const parsed = v.safeParse(Chunk, parseJson(text))
  if (!parsed.success) return
  if (parsed.output.error !== undefined) collected.error = parsed.output.error.message ?? "Provider error"
  for (const { delta, finish_reason } of parsed.output.choices ?? []) {
    collected.text += delta?.content ?? ""
    collected.reasoning += delta?.reasoning_content ?? ""
    for (const call of delta?.tool_calls ?? []) {
      const before = collected.calls.get(call.index) ?? { id: "", name: "", input: "" }
      collected.calls.set(call.index, {
        id: call.id || before.id,
        name: call.function?.name || before.name,
        input: before.input + (call.function?.arguments ?? ""),
      })
    }
    if (finish_reason != null) collected.finishReason = finish_reason
  }
}
