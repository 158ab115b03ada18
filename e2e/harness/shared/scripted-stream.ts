/** A tool call in a scripted answer of the model. */
export interface ScriptedCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/**
 * A streamed answer with parallel tool calls, for a queue in the simulator's scenario.
 * @param round makes the call ids of one conversation unique
 */
export function toolCallAnswer(round: number, calls: readonly ScriptedCall[]): object {
  const chunk = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({
      id: `chatcmpl-${round}`,
      object: "chat.completion.chunk",
      created: 0,
      model: "coder-model",
      choices: [{ index: 0, delta, finish_reason }],
    })}\n\n`
  const deltas = calls.map(({ name, arguments: args }, index) => ({
    tool_calls: [
      { index, id: `call_${round}_${index}`, type: "function", function: { name, arguments: JSON.stringify(args) } },
    ],
  }))
  const body = [
    chunk({ role: "assistant", content: null }),
    ...deltas.map((delta) => chunk(delta)),
    chunk({}, "tool_calls"),
    "data: [DONE]\n\n",
  ]
  return { headers: { "content-type": "text/event-stream" }, body: body.join("") }
}
