import { QwenAuthError } from "../errors.ts"
import { eventData, readEvents } from "../http/event-stream.ts"
import { parseJsonObject } from "../http/json-object.ts"
import { type ErrorDocument, findErrorDocument } from "./error-document.ts"

type Fields = Record<string, unknown>

/** Maximum length of the stream of one answer, characters. The longest known answer has 131 072 tokens. */
const MAX_STREAM_CHARACTERS = 64 * 1024 * 1024

/** A joined stream: the answer as one document (`chat.completion`), or the error that ended it. */
export type JoinedAnswer = { readonly completion: Fields } | { readonly error: ErrorDocument }

/**
 * Reads a streamed chat answer and joins it to the document that the API would have sent without streaming: texts,
 * reasoning, tool calls, finish reasons and usage.
 * @param maxCharacters the maximum length of the stream
 * @throws QwenAuthError `service_unreachable`: the stream ended without a finish reason; `unexpected_response`: it is too
 *   long; and the error of the body
 */
export async function joinStream(
  body: ReadableStream<Uint8Array>,
  maxCharacters = MAX_STREAM_CHARACTERS,
): Promise<JoinedAnswer> {
  const answer = new Completion()
  try {
    for await (const event of readEvents(body, maxCharacters)) {
      const data = eventData(event)
      if (data.trim() === "[DONE]") break
      const error = findErrorDocument(event)
      if (error !== undefined) return { error }
      const chunk = parseJsonObject(data)
      if (chunk !== undefined) answer.add(chunk)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new QwenAuthError("unexpected_response", "Qwen's API sent an answer that is too long.", { cause: error })
  }
  if (answer.isFinished()) return { completion: answer.document() }
  throw new QwenAuthError("service_unreachable", "Qwen's API ended its answer before it was complete.", {
    remedy: "Wait a moment, then try again.",
  })
}

/** One choice of an answer. */
interface Choice {
  readonly message: Fields
  readonly toolCalls: Map<unknown, Fields>
  /** The other fields, for example `finish_reason`. The last value that is not null counts. */
  readonly fields: Fields
  readonly logprobs: Fields
}

/** An answer that grows with each chunk. */
class Completion {
  /** The fields of the whole answer: `id`, `created`, `model`, `usage` and so on. */
  readonly #head: Fields = {}
  readonly #choices = new Map<number, Choice>()

  add({ choices, ...head }: Fields): void {
    for (const [name, value] of Object.entries(head)) this.#head[name] = value ?? this.#head[name] ?? null
    for (const choice of objectsIn(choices)) this.#addToChoice(choice)
  }

  isFinished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every(({ fields }) => fields["finish_reason"] != null)
  }

  document(): Fields {
    const choices = [...this.#choices].sort(([a], [b]) => a - b).map(([index, choice]) => joinedChoice(index, choice))
    return { ...this.#head, object: "chat.completion", choices }
  }

  #addToChoice({ index, delta, logprobs, ...fields }: Fields): void {
    const position = typeof index === "number" ? index : 0
    const choice: Choice = this.#choices.get(position) ?? {
      message: { role: "assistant", content: null },
      toolCalls: new Map(),
      fields: {},
      logprobs: {},
    }
    this.#choices.set(position, choice)
    for (const [name, value] of Object.entries(fields)) choice.fields[name] = value ?? choice.fields[name] ?? null
    for (const [name, list] of Object.entries(objectIn(logprobs))) {
      if (Array.isArray(list)) choice.logprobs[name] = [...listIn(choice.logprobs[name]), ...list]
    }
    const { tool_calls, ...texts } = objectIn(delta)
    addTexts(choice.message, texts)
    for (const call of objectsIn(tool_calls)) addToolCall(choice.toolCalls, call)
  }
}

function joinedChoice(index: number, { message, toolCalls, fields, logprobs }: Choice): Fields {
  return {
    index,
    message: { ...message, ...(toolCalls.size === 0 ? {} : { tool_calls: inOrder(toolCalls) }) },
    ...fields,
    logprobs: Object.keys(logprobs).length === 0 ? null : logprobs,
  }
}

/** Returns the calls by their index. Calls without an index keep the order in which they began. */
function inOrder(calls: ReadonlyMap<unknown, Fields>): Fields[] {
  return [...calls.values()].sort((a, b) => Number(a["index"] ?? 0) - Number(b["index"] ?? 0))
}

/** These name something and come whole; all other texts come in pieces. */
const WHOLE = new Set(["role", "id", "type", "name"])

function addTexts(target: Fields, delta: Fields): void {
  for (const [name, value] of Object.entries(delta)) {
    const before = target[name]
    if (typeof value !== "string") target[name] = value ?? before ?? null
    else if (WHOLE.has(name) || typeof before !== "string") target[name] = value === "" ? (before ?? value) : value
    else target[name] = before + value
  }
  // A field of which only null came is not part of an answer that is not streamed.
  for (const name of ["reasoning_content", "function_call", "refusal"]) if (target[name] === null) delete target[name]
}

function addToolCall(calls: Map<unknown, Fields>, { function: piece, ...fields }: Fields): void {
  // Some backends leave out the index; then each id begins a call.
  const key = fields["index"] ?? (fields["id"] || [...calls.keys()].at(-1)) ?? 0
  const call = calls.get(key) ?? { function: { arguments: "" } }
  calls.set(key, call)
  addTexts(call, fields)
  const made = objectIn(call["function"])
  addTexts(made, objectIn(piece))
  call["function"] = made
}

function objectIn(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function objectsIn(value: unknown): Fields[] {
  return listIn(value).map(objectIn)
}
