import { createHash } from "node:crypto"
import type { IncomingRequest } from "./incoming-request.ts"
import type { ReadBody } from "./prepared-bodies.ts"

/** Headers in which hosts send a session id. OpenCode 1.18 sends both. */
const SESSION_HEADERS = ["x-session-id", "x-session-affinity"]

/**
 * Returns a key that identifies the conversation of a request: the session id in its headers, or else the beginning
 * of the chat request, which does not change while a conversation grows.
 * @returns undefined when the request is not a chat request
 */
export function getConversationKey(request: IncomingRequest, body: ReadBody): string | undefined {
  const opening = body.opening()
  if (opening === undefined) return undefined
  const headers = new Headers(request.headers)
  const session = SESSION_HEADERS.map((name) => headers.get(name)).find((value) => value !== null && value !== "")
  // Hashed, because the opening contains a whole system prompt.
  return createHash("sha256")
    .update(session ?? opening)
    .digest("base64")
}
