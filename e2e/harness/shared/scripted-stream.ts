/** A streamed answer, for the simulator's scenario. */
export interface ScriptedStream {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A streamed answer with this body. */
export function scriptedStream(body: string): ScriptedStream {
  return { headers: { "content-type": "text/event-stream" }, body }
}

/** A chunk of a streamed chat answer. */
export function streamChunk(delta: object, finish_reason: string | null = null, id = "chatcmpl-1"): string {
  const choices = [{ index: 0, delta, finish_reason }]
  const chunk = { id, object: "chat.completion.chunk", created: 0, model: "coder-model", choices }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

/** A tool call in a scripted answer of the model. */
export interface ScriptedCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/**
 * A streamed answer with parallel tool calls.
 * @param round makes the call ids of one conversation unique
 */
export function toolCallAnswer(round: number, calls: readonly ScriptedCall[]): ScriptedStream {
  const chunk = (delta: object, reason?: string) => streamChunk(delta, reason, `chatcmpl-${round}`)
  const pieces = calls.map(({ name, arguments: args }, index) => {
    const call = { name, arguments: JSON.stringify(args) }
    return chunk({ tool_calls: [{ index, id: `call_${round}_${index}`, type: "function", function: call }] })
  })
  const start = chunk({ role: "assistant", content: null })
  return scriptedStream([start, ...pieces, chunk({}, "tool_calls"), "data: [DONE]\n\n"].join(""))
}
