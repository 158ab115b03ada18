import { QwenAuthError } from "../errors.ts"
import type { Answer } from "../http/answer.ts"
import { isConnectionBlocked } from "../http/network-error.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import type { Platform } from "../platform.ts"
import type { AuthorizationServer } from "./authorization-server.ts"
import { postForm } from "./form-request.ts"
import { isTemporary, oauthErrorCode, oauthErrorText, unexpectedAnswerText, withoutSecrets } from "./oauth-error.ts"
import { parseTokenResponse, type TokenResponse } from "./token-response.ts"

/**
 * The outcome of a refresh (RFC 6749 §6).
 * - `refreshed`: the server sent new tokens
 * - `refused`: the server will never accept this refresh token again
 * - `unavailable`: the request failed, or its response says nothing about the refresh token; `retryAfterMs` is the wait
 *   that the server asked for, ms
 */
export type RefreshOutcome =
  | { readonly kind: "refreshed"; readonly tokens: TokenResponse }
  | { readonly kind: "refused"; readonly error: QwenAuthError }
  | { readonly kind: "unavailable"; readonly error: QwenAuthError; readonly retryAfterMs: number | undefined }

/** Error codes that describe the server's state, not the token (RFC 6749 §4.1.2.1, RFC 8628 §3.5). */
const TEMPORARY = new Set(["server_error", "temporarily_unavailable", "slow_down"])

/**
 * Exchanges a refresh token for new tokens. Makes exactly one request: using a rotated refresh token twice can end the
 * sign-in, so the credential manager decides whether and when to try again.
 * @throws QwenAuthError `aborted`
 */
export async function requestRefresh(
  platform: Platform,
  server: AuthorizationServer,
  refreshToken: string,
  signal?: AbortSignal,
): Promise<RefreshOutcome> {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: server.clientId }
  try {
    const answer = await postForm(platform, server, "tokenEndpoint", form, signal)
    return classifyRefresh(withoutSecrets(answer, [refreshToken]), platform.now())
  } catch (error) {
    if (!QwenAuthError.isInstance(error) || error.code === "aborted") throw error
    const outcomeError = isConnectionBlocked(error) ? error : unavailableError(error.message, error)
    return { kind: "unavailable", error: outcomeError, retryAfterMs: undefined }
  }
}

function classifyRefresh(answer: Answer, now: number): RefreshOutcome {
  const code = oauthErrorCode(answer)
  if (isTemporary(answer) || answer.html || (code !== undefined && TEMPORARY.has(code))) {
    return unexpectedResponse(answer, now)
  }
  const refusal = code !== undefined || (answer.json !== undefined && [400, 401].includes(answer.status))
  if (refusal) {
    const message = `Token refresh failed: the service refused it (${oauthErrorText(answer)}).`
    const remedy = "Sign out and sign in again."
    return { kind: "refused", error: new QwenAuthError("token_refresh_failed", message, { remedy }) }
  }
  const tokens = answer.status < 300 ? parseTokenResponse(answer, now) : undefined
  return tokens === undefined ? unexpectedResponse(answer, now) : { kind: "refreshed", tokens }
}

function unexpectedResponse(answer: Answer, now: number): RefreshOutcome {
  const error = unavailableError(unexpectedAnswerText(answer))
  return { kind: "unavailable", error, retryAfterMs: retryAfterMs(answer.headers, now) }
}

function unavailableError(reason: string, cause?: QwenAuthError): QwenAuthError {
  return new QwenAuthError("token_refresh_unavailable", `The sign-in could not be refreshed: ${reason}`, {
    remedy: "Try again in a moment; the sign-in is kept.",
    cause,
  })
}
