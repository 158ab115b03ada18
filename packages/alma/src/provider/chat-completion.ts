import { DEFAULT_API_BASE_URL, type Fetch } from "qwen-auth-core"
import { fieldsOf, listOf, parseJsonObject } from "qwen-auth-core/internal"
import type { AlmaChatRequest } from "../host.ts"

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
  const body = parseJsonObject(await response.text().catch(() => ""))
  const error = fieldsOf(body?.["error"])?.["message"]
  if (typeof error === "string") throw new Error(error)
  const [choice] = listOf(body?.["choices"])
  const message = fieldsOf(fieldsOf(choice)?.["message"])
  const content = message?.["content"] ?? ""
  if (message === undefined || typeof content !== "string") throw new Error("Qwen's API sent an unexpected response.")
  return { content }
}
