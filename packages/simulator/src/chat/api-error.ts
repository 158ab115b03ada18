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

/** A body rule is broken. The real service says "bad request" to most of them; naming the rule helps who reads a failing test. */
export function ruleBroken(rule: string): Reply {
  return apiError(400, "invalid_parameter_error", rule)
}
