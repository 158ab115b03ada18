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
export function getConversationKey({ headers }: Pick<IncomingRequest, "headers">, body: ReadBody): string | undefined {
  if (!body.isChat) return undefined
  const session = SESSION_HEADERS.map((name) => headers.get(name)).find(Boolean)
  // Hashed, because the opening contains a whole system prompt.
  return session ?? createHash("sha256").update(body.opening()).digest("base64")
}
