import { createHash } from "node:crypto"
import type { IncomingRequest } from "./incoming-request.ts"
import type { ReadBody } from "./prepared-bodies.ts"

/** In which hosts name the conversation; OpenCode 1.18 sends both. */
const SESSION_HEADERS = ["x-session-id", "x-session-affinity"]

/**
 * Tells the conversations of a host apart: by the session that it names, otherwise by how the chat request begins, which stays the
 * same while a conversation grows.
 * @returns undefined for what is no chat request
 */
export function getConversationKey(incoming: IncomingRequest, body: ReadBody): string | undefined {
  const opening = body.opening()
  if (opening === undefined) return undefined
  const headers = new Headers(incoming.headers)
  const session = SESSION_HEADERS.map((name) => headers.get(name)).find((value) => value !== null && value !== "")
  // A digest, because the opening is a whole system prompt.
  return createHash("sha256")
    .update(session ?? opening)
    .digest("base64")
}
