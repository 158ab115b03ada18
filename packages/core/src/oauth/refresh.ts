import { QwenAuthError } from "../errors.ts"
import { type Answer, describeAnswer } from "../http/answer.ts"
import { isConnectionBlocked } from "../http/network-error.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import type { Platform } from "../platform.ts"
import type { AuthorizationServer } from "./authorization-server.ts"
import { postForm } from "./form-request.ts"
import { oauthErrorCode, oauthErrorText, withoutSecrets } from "./oauth-error.ts"
import { parseTokenResponse, type TokenResponse } from "./token-response.ts"

/**
 * How a refresh (RFC 6749 §6) ended.
 * - `renewed`: new tokens
 * - `refused`: the server will never accept this refresh token again
 * - `unavailable`: it could not be tried or judged now; `retryAfterMs` when the server named a wait
 */
export type RefreshOutcome =
  | { readonly kind: "renewed"; readonly tokens: TokenResponse }
  | { readonly kind: "refused"; readonly error: QwenAuthError }
  | { readonly kind: "unavailable"; readonly error: QwenAuthError; readonly retryAfterMs: number | undefined }

/** Error codes that speak of the server's state, not of the token (RFC 6749 §4.1.2.1, RFC 8628 §3.5). */
const TEMPORARY = new Set(["server_error", "temporarily_unavailable", "slow_down"])

/**
 * Exchanges a refresh token for new tokens, once. Never repeated here: a rotated refresh token that is used twice can cost
 * the sign-in, so whether and when to try again is the credential manager's decision.
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
    const told = isConnectionBlocked(error) ? error : unavailable(error.message, error)
    return { kind: "unavailable", error: told, retryAfterMs: undefined }
  }
}

function classifyRefresh(answer: Answer, now: number): RefreshOutcome {
  const code = oauthErrorCode(answer)
  const temporary = answer.status === 408 || answer.status === 429 || answer.status >= 500
  if (temporary || answer.html || (code !== undefined && TEMPORARY.has(code))) return notNow(answer, now)
  const refusal = code !== undefined || (answer.json !== undefined && [400, 401].includes(answer.status))
  if (refusal) {
    const message = `Token refresh failed: the service refused it (${oauthErrorText(answer)}).`
    const remedy = "Sign out and sign in again."
    return { kind: "refused", error: new QwenAuthError("token_refresh_failed", message, { remedy }) }
  }
  const tokens = answer.status < 300 ? parseTokenResponse(answer, now) : undefined
  return tokens === undefined ? notNow(answer, now) : { kind: "renewed", tokens }
}

function notNow(answer: Answer, now: number): RefreshOutcome {
  const message = `The sign-in service did not answer as expected (${describeAnswer(answer)}).`
  return { kind: "unavailable", error: unavailable(message), retryAfterMs: retryAfterMs(answer.headers, now) }
}

function unavailable(why: string, cause?: QwenAuthError): QwenAuthError {
  return new QwenAuthError("token_refresh_unavailable", `The sign-in could not be renewed: ${why}`, {
    remedy: "Try again in a moment; the sign-in is kept.",
    ...(cause === undefined ? {} : { cause }),
  })
}
