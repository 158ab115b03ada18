import { parseJson } from "../json.ts"
import { type ChatRequest, MalformedRequestError, readChatRequest } from "./chat-request.ts"

/** The chat request in a body, or the error message for a malformed one. */
export function readChat(text: string): ChatRequest | string {
  return readChatWith(readChatRequest, text)
}

/** The same for another API format. `read` throws a MalformedRequestError. */
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
