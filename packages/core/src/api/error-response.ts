import type { QwenAuthError } from "../errors.ts"

/** Maximum Retry-After that a host receives, ms. Hosts respect it without a limit, but users do not wait for an hour. */
const MAX_RETRY_AFTER_MS = 60_000

/**
 * Creates an error response in the format of OpenAI-compatible APIs. It does not contain the service's own body,
 * because hosts search it for words like "500" and retry even when such a number is part of a request id.
 * @param formatError creates the message for the user. Default: {@link QwenAuthError.sentence}
 * @param waitMs the wait that the service requested, > 0 ms; sent as `Retry-After` with a 429 or 5xx, because hosts should
 *   retry only those
 */
export function errorResponse(
  error: QwenAuthError,
  status: number,
  formatError?: (error: QwenAuthError) => string,
  waitMs?: number,
): Response {
  const retry = status === 429 || status >= 500
  // OpenAI's clients decide by x-should-retry.
  const headers = new Headers({ "content-type": "application/json", "x-should-retry": String(retry) })
  if (waitMs !== undefined && retry) {
    headers.set("retry-after", String(Math.ceil(Math.min(waitMs, MAX_RETRY_AFTER_MS) / 1000)))
  }
  const message = formatError?.(error) ?? error.sentence
  const body = JSON.stringify({ error: { message, code: error.code, type: "qwen_auth_error" } })
  // A Response cannot have a status above 599.
  return new Response(body, { status: status > 599 ? 502 : status, headers })
}

/** Returns the status for our own errors: 401 asks for a sign-in, hosts retry a 503 but not a 403. */
export function failureStatus(error: QwenAuthError): number {
  switch (error.code) {
    case "authentication_required":
    case "credential_unusable":
    case "token_refresh_failed":
    case "api_key_rejected":
    case "api_key_malformed":
      return 401
    case "endpoint_not_available":
      return 404
    case "token_refresh_unavailable":
    case "service_unreachable":
      return 503
    default:
      return 403
  }
}
