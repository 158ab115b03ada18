import { DEFAULT_API_BASE_URL, type Fetch } from "qwen-auth-core"
import * as v from "valibot"
import type { AlmaChatRequest } from "../host.ts"

const ErrorBody = v.object({ error: v.object({ message: v.string() }) })
const Completion = v.object({
  choices: v.pipe(v.array(v.object({ message: v.object({ content: v.nullish(v.string()) }) })), v.minLength(1)),
})

/**
 * Implements the published `createChatCompletion`.
 * @returns the body of the response (server-sent events) when streaming, else the text of the completion
 * @throws Error with a message for the user
 */
export async function createChatCompletion(
  fetch: Fetch,
  { model, messages, stream = false }: AlmaChatRequest,
): Promise<ReadableStream | { content: string }> {
  const request = JSON.stringify({ model, stream, messages: messages.map(({ role, content }) => ({ role, content })) })
  const headers = { "content-type": "application/json" }
  const response = await fetch(`${DEFAULT_API_BASE_URL}/chat/completions`, { method: "POST", headers, body: request })
  if (response.ok && stream && response.body !== null) return response.body
  const body: unknown = await response.json().catch(() => undefined)
  const error = v.safeParse(ErrorBody, body)
  if (error.success) throw new Error(error.output.error.message)
  const completion = v.safeParse(Completion, body)
  if (!completion.success) throw new Error("Qwen's API sent an unexpected response.")
  return { content: completion.output.choices[0]?.message.content ?? "" }
}
