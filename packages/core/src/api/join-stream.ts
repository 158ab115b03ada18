import { QwenAuthError } from "../errors.ts"
import { eventData, readEvents } from "../http/event-stream.ts"
import { listOf, parseJsonObject } from "../http/json-object.ts"
import { asObject } from "./body-rules.ts"
import { type ErrorDocument, findErrorDocument } from "./error-document.ts"

type Fields = Record<string, unknown>

/** Maximum length of a stream, characters. The longest known completion has 131 072 tokens. */
const MAX_STREAM_CHARACTERS = 64 * 1024 * 1024

/** A joined stream: the document (`chat.completion`), or the error that ended the stream. */
type JoinedStream = { readonly completion: Fields } | { readonly error: ErrorDocument }

/**
 * Reads a streamed chat response and joins it to the document that the API would have sent without streaming: text,
 * reasoning, tool calls, finish reasons and usage.
 * @param maxCharacters the maximum length of the stream
 * @throws QwenAuthError `service_unreachable`: the stream ended without a finish reason; `unexpected_response`: the
 *   stream is too long; and the error of the body
 */
export async function joinStream(
  body: ReadableStream<Uint8Array>,
  maxCharacters = MAX_STREAM_CHARACTERS,
): Promise<JoinedStream> {
  const completion = new Completion()
  try {
    for await (const event of readEvents(body, maxCharacters)) {
      const data = eventData(event)
      if (data.trim() === "[DONE]") break
      const error = findErrorDocument(event)
      if (error !== undefined) return { error }
      const chunk = parseJsonObject(data)
      if (chunk !== undefined) completion.add(chunk)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new QwenAuthError("unexpected_response", "Qwen's API sent an answer that is too long.", { cause: error })
  }
  if (completion.isFinished()) return { completion: completion.document() }
  throw new QwenAuthError("service_unreachable", "Qwen's API ended its answer before it was complete.", {
    remedy: "Wait a moment, then try again.",
  })
}

/** One choice of a completion. */
interface Choice {
  readonly message: Fields
  readonly toolCalls: Map<unknown, ToolCall>
  /** The other fields, for example `finish_reason`. The last value that is not null counts. */
  readonly fields: Fields
  readonly logprobs: Fields
}

type ToolCall = Fields & { readonly function: Fields }

/** A completion that grows with each chunk. */
class Completion {
  /** The fields of the whole completion: `id`, `created`, `model`, `usage` and so on. */
  readonly #head: Fields = {}
  readonly #choices = new Map<number, Choice>()

  add({ choices, ...head }: Fields): void {
    keepLatest(this.#head, head)
    for (const choice of listOf(choices)) this.#addToChoice(asObject(choice))
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
    keepLatest(choice.fields, fields)
    for (const [name, list] of Object.entries(asObject(logprobs))) {
      if (Array.isArray(list)) choice.logprobs[name] = [...listOf(choice.logprobs[name]), ...list]
    }
    const { tool_calls, ...texts } = asObject(delta)
    addTexts(choice.message, texts)
    for (const call of listOf(tool_calls)) addToolCall(choice.toolCalls, asObject(call))
  }
}

function joinedChoice(index: number, { message, toolCalls, fields, logprobs }: Choice): Fields {
  return {
    index,
    message: { ...message, ...(toolCalls.size === 0 ? {} : { tool_calls: sortByIndex(toolCalls) }) },
    ...fields,
    logprobs: Object.keys(logprobs).length === 0 ? null : logprobs,
  }
}

/** Sorts the calls by their index. Calls without an index keep the order in which they began. */
function sortByIndex(calls: ReadonlyMap<unknown, ToolCall>): ToolCall[] {
  return [...calls.values()].sort((a, b) => Number(a["index"] ?? 0) - Number(b["index"] ?? 0))
}

/** Sets the fields. A null does not replace a value. */
function keepLatest(target: Fields, fields: Fields): void {
  for (const [name, value] of Object.entries(fields)) target[name] = value ?? target[name] ?? null
}

/** Fields that are sent whole. All other texts are sent in pieces. */
const WHOLE = new Set(["role", "id", "type", "name"])

function addTexts(target: Fields, delta: Fields): void {
  for (const [name, value] of Object.entries(delta)) {
    const before = target[name]
    if (typeof value !== "string") target[name] = value ?? before ?? null
    else if (WHOLE.has(name) || typeof before !== "string") target[name] = value === "" ? (before ?? value) : value
    else target[name] = before + value
  }
  // A response without streaming does not have these fields if they are null.
  for (const name of ["reasoning_content", "function_call", "refusal"]) if (target[name] === null) delete target[name]
}

function addToolCall(calls: Map<unknown, ToolCall>, { function: piece, ...fields }: Fields): void {
  // Some backends omit the index. Then each id begins a call.
  const key = fields["index"] ?? (fields["id"] || [...calls.keys()].at(-1)) ?? 0
  const call: ToolCall = calls.get(key) ?? { function: { arguments: "" } }
  calls.set(key, call)
  addTexts(call, fields)
  addTexts(call.function, asObject(piece))
}
