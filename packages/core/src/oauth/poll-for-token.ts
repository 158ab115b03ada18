import { QwenAuthError } from "../errors.ts"
import type { Answer } from "../http/answer.ts"
import { pause } from "../http/deadline.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import type { Platform } from "../platform.ts"
import type { AuthorizationServer } from "./authorization-server.ts"
import type { DeviceAuthorization } from "./device-authorization.ts"
import { postForm } from "./form-request.ts"
import { isTemporary, oauthErrorCode, oauthErrorText, unexpectedAnswerText, withoutSecrets } from "./oauth-error.ts"
import type { Pkce } from "./pkce.ts"
import { parseTokenResponse, type TokenResponse } from "./token-response.ts"

/** The tokens of a sign-in. Unlike the response to a refresh, they must include a refresh token. */
export type SignInTokens = TokenResponse & { readonly refreshToken: string }

/** RFC 8628 §3.5: slow_down adds five seconds to this and all later intervals. */
const SLOW_DOWN_MS = 5_000
/** The longest wait between two polls after errors. */
const MAX_BACKOFF_MS = 30_000
const START_AGAIN = "Start the sign-in again and approve it in the browser."

type Poll =
  | { kind: "tokens"; tokens: SignInTokens }
  | { kind: "pending" }
  | { kind: "slow-down"; retryAfter: number | undefined }
  | { kind: "transient"; error: QwenAuthError }
  | { kind: "failed"; error: QwenAuthError }

/**
 * Polls the token endpoint until the user has decided (RFC 8628 §3.4, §3.5). Accepts the deviations observed on Qwen's
 * server. Waits before the first poll. Transient errors (network errors, gateway errors, HTML) do not end the sign-in:
 * polling continues with a growing delay until the codes expire, and the error then names the last of them.
 * @throws QwenAuthError `authorization_denied`, `device_code_expired`, `sign_in_failed`, `aborted`
 */
export async function pollForToken(
  platform: Platform,
  server: AuthorizationServer,
  authorization: DeviceAuthorization,
  pkce: Pkce,
  signal?: AbortSignal,
): Promise<SignInTokens> {
  let intervalMs = authorization.intervalMs
  let waitMs = intervalMs
  let backoffMs = intervalMs
  let lastError: QwenAuthError | undefined
  for (;;) {
    const leftMs = authorization.expiresAt - platform.now()
    if (leftMs <= 0) throw expiredError(lastError)
    await pause(platform, Math.min(waitMs, leftMs), signal)
    const poll = await pollOnce(platform, server, authorization, pkce, signal)
    if (poll.kind === "tokens") return poll.tokens
    if (poll.kind === "failed") throw poll.error
    lastError = poll.kind === "transient" ? poll.error : undefined
    if (poll.kind === "slow-down") intervalMs += SLOW_DOWN_MS
    backoffMs = poll.kind === "transient" ? Math.min(backoffMs * 2, Math.max(MAX_BACKOFF_MS, intervalMs)) : intervalMs
    waitMs = Math.max(backoffMs, poll.kind === "slow-down" ? (poll.retryAfter ?? 0) : 0)
  }
}

async function pollOnce(
  platform: Platform,
  server: AuthorizationServer,
  authorization: DeviceAuthorization,
  pkce: Pkce,
  signal: AbortSignal | undefined,
): Promise<Poll> {
  const form = {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: server.clientId,
    device_code: authorization.deviceCode,
    code_verifier: pkce.verifier,
  }
  try {
    const answer = await postForm(platform, server, "tokenEndpoint", form, signal)
    const { deviceCode, userCode } = authorization
    return classifyPoll(withoutSecrets(answer, [deviceCode, userCode, pkce.verifier]), platform.now())
  } catch (error) {
    if (!QwenAuthError.isInstance(error) || error.code === "aborted") throw error
    return { kind: "transient", error }
  }
}

/** The error code takes precedence over the status, because Qwen has combined the two in unusual ways. */
function classifyPoll(answer: Answer, now: number): Poll {
  const code = oauthErrorCode(answer)
  switch (code) {
    case "authorization_pending":
      return { kind: "pending" }
    case "slow_down":
      return { kind: "slow-down", retryAfter: retryAfterMs(answer.headers, now) }
    case "expired_token":
      return { kind: "failed", error: expiredError() }
    case "access_denied":
      return { kind: "failed", error: deniedError() }
    case "invalid_client":
      return { kind: "failed", error: refusedError(answer) }
    case undefined:
      return classifyByStatus(answer, now)
    default:
      return answer.status === 401 || isTemporary(answer)
        ? classifyByStatus(answer, now)
        : { kind: "failed", error: refusedError(answer) }
  }
}

function classifyByStatus(answer: Answer, now: number): Poll {
  // Qwen sends slow_down as a 429, sometimes without a body.
  if (answer.status === 429 && !answer.html) return { kind: "slow-down", retryAfter: retryAfterMs(answer.headers, now) }
  if (answer.html || isTemporary(answer)) return { kind: "transient", error: unexpectedError(answer) }
  if (answer.status === 401) return { kind: "failed", error: expiredError() }
  if (answer.status >= 400) return { kind: "failed", error: refusedError(answer) }
  const tokens = answer.status < 300 ? parseTokenResponse(answer, now) : undefined
  if (tokens === undefined) return { kind: "transient", error: unexpectedError(answer) }
  const { refreshToken } = tokens
  if (refreshToken !== undefined) return { kind: "tokens", tokens: { ...tokens, refreshToken } }
  // The device code is used up, so another poll cannot succeed. A token that cannot be refreshed is not a usable
  // sign-in.
  const message = "Sign-in failed: the service sent no refresh token."
  return { kind: "failed", error: new QwenAuthError("sign_in_failed", message, { remedy: START_AGAIN }) }
}

function expiredError(lastError?: QwenAuthError): QwenAuthError {
  const message =
    lastError === undefined ? "Device code expired." : `Device code expired. Last problem: ${lastError.message}`
  return new QwenAuthError("device_code_expired", message, { remedy: START_AGAIN, cause: lastError })
}

function deniedError(): QwenAuthError {
  return new QwenAuthError("authorization_denied", "Authorization denied in the browser.", {
    remedy: "Start the sign-in again and approve it with the account you want to use.",
  })
}

function refusedError(answer: Answer): QwenAuthError {
  const message = `Sign-in failed: the service refused it (${oauthErrorText(answer)}).`
  return new QwenAuthError("sign_in_failed", message, { remedy: START_AGAIN })
}

function unexpectedError(answer: Answer): QwenAuthError {
  return new QwenAuthError(answer.firewall ? "web_firewall" : "unexpected_response", unexpectedAnswerText(answer))
}
