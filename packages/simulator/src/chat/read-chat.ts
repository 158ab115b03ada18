import { parseJson } from "../json.ts"
import { type ChatRequest, MalformedRequestError, readChatRequest } from "./chat-request.ts"

/** The chat request in a body, or what is wrong with its form. */
export function readChat(text: string): ChatRequest | string {
  return readChatWith(readChatRequest, text)
}

/** The same in a form of another door. `read` throws a MalformedRequestError. */
export function readChatWith(read: (body: unknown) => ChatRequest, text: string): ChatRequest | string {
  const body = parseJson(text)
  if (body === undefined) return "The body is not JSON"
  try {
    return read(body)
  } catch (error) {
    if (error instanceof MalformedRequestError) return error.message
    throw error
  }
}
