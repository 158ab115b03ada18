import { DEFAULT_API_BASE_URL, type Fetch } from "qwen-auth-core"
import * as v from "valibot"
import type { AlmaChatRequest } from "../host.ts"

const Refused = v.object({ error: v.object({ message: v.string() }) })
const Answered = v.object({
  choices: v.pipe(v.array(v.object({ message: v.object({ content: v.nullish(v.string()) }) })), v.minLength(1)),
})

/**
 * The published `createChatCompletion`, over the same requests: the stream as the service sends it (server-sent events), or the text.
 * @throws Error with the words that a person reads
 */
export async function createChatCompletion(
  fetch: Fetch,
  { model, messages, stream = false }: AlmaChatRequest,
): Promise<ReadableStream | { content: string }> {
  const body = JSON.stringify({ model, stream, messages: messages.map(({ role, content }) => ({ role, content })) })
  const headers = { "content-type": "application/json" }
  const response = await fetch(`${DEFAULT_API_BASE_URL}/chat/completions`, { method: "POST", headers, body })
  if (response.ok && stream && response.body !== null) return response.body
  const answer: unknown = await response.json().catch(() => undefined)
  const refused = v.safeParse(Refused, answer)
  if (refused.success) throw new Error(refused.output.error.message)
  const answered = v.safeParse(Answered, answer)
  if (!answered.success) throw new Error("Qwen's API did not answer as expected.")
  return { content: answered.output.choices[0]?.message.content ?? "" }
}
