import { type Platform, QwenAuthError } from "qwen-auth-core"
import { RETRYABLE, userMessage } from "../messages.ts"
import { errorOf } from "./outgoing-request.ts"

/** How long a response may take to begin, ms. OpenCode itself waits five minutes for both hooks together. */
const HEADERS_TIMEOUT_MS = 280_000

/**
 * Sends a request and returns what OpenCode gets: a good response itself, or an error in words with the decision whether
 * OpenCode tries again. Never rejects, because OpenCode would call that an unknown error.
 * @param send sends the request; the signal ends it if no response begins in time
 */
export async function answer(platform: Platform, send: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
  try {
    const response = await beginning(platform, send)
    if (response.ok) return response
    const { message, code } = await errorOf(response)
    return explained(message, code, response.status, response.headers.get("retry-after"))
  } catch (error) {
    if (QwenAuthError.isInstance(error)) return explained(userMessage(error), error.code, 503)
    platform.log.error("A request failed unexpectedly.", { error })
    const name = error instanceof Error ? error.name : "unknown"
    return explained(`The Qwen plugin could not send the request (${name}).`, "request_refused", 403)
  }
}

/** OpenCode's signal never aborts, so the wait needs an end of its own. It does not limit the stream that follows. */
async function beginning(platform: Platform, send: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
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
 * An error as OpenCode 2 reads it. Its own rules would guess from the text whether a retry helps; the header decides. A
 * full context has no such header, so that OpenCode compacts the conversation.
 */
function explained(message: string, code: string, status: number, retryAfter: string | null = null): Response {
  const headers = new Headers({ "content-type": "application/json" })
  const overflow = code === "context_length_exceeded"
  const again = RETRYABLE.has(code)
  if (!overflow) headers.set("x-should-retry", String(again))
  if (again && retryAfter !== null) headers.set("retry-after", retryAfter)
  // An error that a retry cannot fix is a 4xx, whatever the service made of it.
  const final = overflow || status >= 500 ? (overflow ? 400 : 403) : status
  const body = JSON.stringify({ error: { message, code, type: "qwen_auth_error" } })
  return new Response(body, { status: again ? status : final, headers })
}
