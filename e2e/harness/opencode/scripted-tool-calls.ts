/** A tool call that the model is made to answer with. */
export interface ScriptedCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/**
 * An answer of the simulator, for a queue of its scenario, in which the model calls tools, all at once, in a stream.
 * @param round tells the calls of one conversation apart
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
  const deltas = calls.map(({ name, arguments: given }, index) => ({
    tool_calls: [
      { index, id: `call_${round}_${index}`, type: "function", function: { name, arguments: JSON.stringify(given) } },
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
