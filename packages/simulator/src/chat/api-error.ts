import { randomUUID } from "node:crypto"
import { jsonReply, type Reply } from "../http/reply.ts"

/** An error of the model API in DashScope's form. */
export function apiError(status: number, code: string, message: string, type = "invalid_request_error"): Reply {
  return jsonReply(status, { error: { code, message, param: null, type }, request_id: randomUUID() })
}

/** The access token is not taken; word for word as observed, also when the free tier is gone for the account. */
export function tokenRejected(): Reply {
  return apiError(401, "invalid_api_key", "invalid access token or token expired")
}

/** A good token at a host that is not its `resource_url`'s; the words as observed. */
export function sessionExpired(): Reply {
  const message = "Your session has expired, or the token is no longer valid. Please sign in again to proceed."
  return apiError(401, "invalid_api_key", message)
}

/** The model is not on the list of this host. */
export function modelNotFound(name: string): Reply {
  return apiError(404, "model_not_found", `The model \`${name}\` does not exist or you do not have access to it.`)
}

/** A body rule is broken. The real service says "bad request" to most of them; naming the rule helps who reads a failing test. */
export function ruleBroken(rule: string): Reply {
  return apiError(400, "invalid_parameter_error", rule)
}
