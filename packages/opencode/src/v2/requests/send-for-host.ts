import { type Platform, QwenAuthError } from "qwen-auth-core"
import { RETRYABLE } from "../../shared/retryable-errors.ts"
import { userMessage } from "../messages.ts"
import { errorOf } from "./outgoing-request.ts"

/** How long a response may take to begin, ms. OpenCode itself waits five minutes for both hooks together. */
const HEADERS_TIMEOUT_MS = 280_000

/**
 * Sends a request and returns the response for OpenCode: a good response as it is, or an error with the message for the
 * user, which decides whether OpenCode tries again. Never rejects, because OpenCode would call that an unknown error.
 * @param send sends the request; the signal aborts it if no response begins in time
 */
export async function sendForHost(
  platform: Platform,
  send: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> {
  try {
    const response = await withHeadersTimeout(platform, send)
    if (response.ok) return response
    const { message, code } = await errorOf(response)
    return errorResponse(message, code, response.status, response.headers.get("retry-after"))
  } catch (error) {
    if (QwenAuthError.isInstance(error)) return errorResponse(userMessage(error), error.code, 503)
    platform.log.error("A request failed unexpectedly.", { error })
    const name = error instanceof Error ? error.name : "unknown"
    return errorResponse(`The Qwen plugin could not send the request (${name}).`, "request_refused", 403)
  }
}

/** Limits the wait, because OpenCode's signal never aborts. The stream that follows is not limited. */
async function withHeadersTimeout(
  platform: Platform,
  send: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const late = new AbortController()
  const expire = () => {
    const message = "Qwen's API did not begin to answer within five minutes."
    late.abort(new QwenAuthError("service_unreachable", message, { remedy: "Try again." }))
  }
  const stopTimer = platform.setTimeout(HEADERS_TIMEOUT_MS, expire)
  try {
    return await send(late.signal)
  } finally {
    stopTimer()
  }
}

/**
 * Returns an error in the form that OpenCode 2 reads. The header decides whether OpenCode retries; without it, OpenCode
 * would guess from the text. The error of a full context has no such header, so that OpenCode compacts the conversation.
 */
function errorResponse(message: string, code: string, status: number, retryAfter: string | null = null): Response {
  const headers = new Headers({ "content-type": "application/json" })
  const overflow = code === "context_length_exceeded"
  const again = RETRYABLE.has(code)
  if (!overflow) headers.set("x-should-retry", String(again))
  if (again && retryAfter !== null) headers.set("retry-after", retryAfter)
  // An error that a retry cannot fix is a 4xx, whatever status the service chose.
  const final = overflow || status >= 500 ? (overflow ? 400 : 403) : status
  const body = JSON.stringify({ error: { message, code, type: "qwen_auth_error" } })
  return new Response(body, { status: again ? status : final, headers })
}
