import { jsonReply, type Reply } from "../http/reply.ts"
import type { JsonObject } from "../json.ts"

/** RFC 6749 §5.1: responses with tokens or codes must not be cached. */
const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" }

/** A response in which `fields` are replaced and `omitFields` are omitted, to simulate malformed responses. */
export function oauthFields(answer: JsonObject, fields: JsonObject, omitFields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries({ ...answer, ...fields }).filter(([name]) => !omitFields.includes(name)))
}

/** A successful OAuth response. */
export function oauthSuccess(sent: JsonObject): Reply {
  return jsonReply(200, sent, NO_STORE)
}

/** An OAuth error (RFC 6749 §5.2). */
export function oauthError(status: number, error: string, description: string): Reply {
  return jsonReply(status, { error, error_description: description }, NO_STORE)
}

/** The error for a wrong client id; status and text as observed. */
export function invalidClient(): Reply {
  return oauthError(401, "invalid_client", "Invalid client credentials")
}

/** The error for an unknown, replaced or revoked refresh token; status and text as observed. */
export function refreshTokenRefused(): Reply {
  return oauthError(400, "invalid_request", "Invalid refresh token or client_id")
}
