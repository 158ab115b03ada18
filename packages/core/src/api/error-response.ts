import type { QwenAuthError } from "../errors.ts"

/** The longest wait a host is told, ms: hosts obey Retry-After without a limit, a person does not wait an hour. */
const LONGEST_RETRY_AFTER_MS = 60_000

/**
 * An error as OpenAI-compatible clients read it. The service's own body is not passed on: hosts search all of it for words like
 * "500" and retry on what they find in a request id.
 * @param text what the person reads
 * @param waitMs the wait that the service asks for, more than 0 ms
 */
export function errorResponse(error: QwenAuthError, status: number, text: string, waitMs?: number): Response {
  const headers = new Headers({ "content-type": "application/json" })
  if (waitMs !== undefined && (status === 429 || status >= 500)) {
    headers.set("retry-after", String(Math.ceil(Math.min(waitMs, LONGEST_RETRY_AFTER_MS) / 1000)))
  }
  const body = JSON.stringify({ error: { message: text, code: error.code, type: "qwen_auth_error" } })
  // A Response cannot have a status of no class.
  return new Response(body, { status: status > 599 ? 502 : status, headers })
}

/** The status for an error of ours: 401 asks for a sign-in, 503 may be tried again, 403 may not. */
export function failureStatus(error: QwenAuthError): number {
  switch (error.code) {
    case "authentication_required":
    case "credential_unusable":
    case "token_refresh_failed":
    case "api_key_rejected":
    case "api_key_malformed":
      return 401
    case "token_refresh_unavailable":
    case "service_unreachable":
      return 503
    default:
      return 403
  }
}
