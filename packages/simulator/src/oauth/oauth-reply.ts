import { jsonReply, type Reply } from "../http/reply.ts"
import type { JsonObject } from "../json.ts"

/** RFC 6749 §5.1: what carries tokens or codes is never stored on the way. */
const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" }

/** An answer with `fields` put over it and `omitFields` left out, to play servers that send odd ones. */
export function oauthFields(answer: JsonObject, fields: JsonObject, omitFields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries({ ...answer, ...fields }).filter(([name]) => !omitFields.includes(name)))
}

/** An OAuth success. */
export function oauthSuccess(sent: JsonObject): Reply {
  return jsonReply(200, sent, NO_STORE)
}

/** An OAuth error (RFC 6749 §5.2). */
export function oauthError(status: number, error: string, description: string): Reply {
  return jsonReply(status, { error, error_description: description }, NO_STORE)
}

/** Wrong client id: status and words as observed. */
export function invalidClient(): Reply {
  return oauthError(401, "invalid_client", "Invalid client credentials")
}

/** A refresh token that is unknown, replaced or revoked: status and words as observed. */
export function refreshTokenRefused(): Reply {
  return oauthError(400, "invalid_request", "Invalid refresh token or client_id")
}
