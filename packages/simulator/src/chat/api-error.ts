import { randomUUID } from "node:crypto"
import { jsonReply, type Reply } from "../http/reply.ts"

/** An error of the model API in DashScope's form. */
export function apiError(status: number, code: string, message: string, type = "invalid_request_error"): Reply {
  return jsonReply(status, { error: { code, message, param: null, type }, request_id: randomUUID() })
}

/** The access token is refused, word for word as observed, also when the account's free tier has ended. */
export function tokenRejected(): Reply {
  return apiError(401, "invalid_api_key", "invalid access token or token expired")
}

/** A valid token on a host other than its `resource_url`; text as observed. */
export function sessionExpired(): Reply {
  const message = "Your session has expired, or the token is no longer valid. Please sign in again to proceed."
  return apiError(401, "invalid_api_key", message)
}

/** The model is not on the list of this host. */
export function modelNotFound(name: string): Reply {
  return apiError(404, "model_not_found", `The model \`${name}\` does not exist or you do not have access to it.`)
}

/** The Coding Plan does not have the model. */
export function modelNotSupported(name: string): Reply {
  return apiError(400, "invalid_parameter_error", `model '${name}' is not supported`)
}

/** The plan has the model, but not in the tier of this key. */
export function unpurchased(): Reply {
  return apiError(403, "AccessDenied.Unpurchased", ACCESS_DENIED, "AccessDenied.Unpurchased")
}

/** The same error with its other code. */
export function accessDenied(): Reply {
  return apiError(403, "access_denied", ACCESS_DENIED)
}

const ACCESS_DENIED = "Access to model denied. Please make sure you are eligible for using the model."

/** An unknown key on a pay-as-you-go host. */
export function incorrectKey(): Reply {
  return apiError(401, "invalid_api_key", "Incorrect API key provided.")
}

/** A plan's key on a pay-as-you-go host. */
export function planKeyRefused(): Reply {
  return apiError(403, "invalid_api_key", "invalid api-key")
}

/** A key of the right product on the wrong site, or of a lapsed plan. */
export function invalidKeyProvided(): Reply {
  return apiError(401, "invalid_api_key", "Invalid API-key provided.")
}

/** The Coding Plan does not admit the agent. The error is a string, not an object. */
export function codingAgentsOnly(): Reply {
  return jsonReply(405, { error: CODING_AGENTS_ONLY })
}

const CODING_AGENTS_ONLY = "Coding Plan is currently only available for Coding Agents"

/** Model Studio's error for an invalid parameter. */
export function invalidParameter(message: string): Reply {
  return apiError(400, "invalid_parameter_error", `<400> InternalError.Algo.InvalidParameter: ${message}`)
}

/** A body rule is broken. The real service says "bad request" to most of them; naming the rule makes failing tests easier to read. */
export function ruleBroken(rule: string): Reply {
  return apiError(400, "invalid_parameter_error", rule)
}
