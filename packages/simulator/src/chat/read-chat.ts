import { parseJson } from "../json.ts"
import { type ChatRequest, MalformedRequestError, readChatRequest } from "./chat-request.ts"

/** The chat request in a body, or the error message for a malformed one. `read` parses the API format; it throws a MalformedRequestError. */
export function readChat(text: string, read: (body: unknown) => ChatRequest = readChatRequest): ChatRequest | string {
  const body = parseJson(text)
  if (body === undefined) return "The body is not JSON"
  try {
    return read(body)
  } catch (error) {
    if (error instanceof MalformedRequestError) return error.message
    throw error
  }
}
