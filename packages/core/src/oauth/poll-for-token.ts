import { QwenAuthError } from "../errors.ts"
import { type Answer, describeAnswer } from "../http/answer.ts"
import { pause } from "../http/deadline.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import type { Platform } from "../platform.ts"
import type { AuthorizationServer } from "./authorization-server.ts"
import type { DeviceAuthorization } from "./device-authorization.ts"
import { postForm } from "./form-request.ts"
import { oauthErrorCode, oauthErrorText, withoutSecrets } from "./oauth-error.ts"
import type { Pkce } from "./pkce.ts"
import { parseTokenResponse, type TokenResponse } from "./token-response.ts"

/** A sign-in's tokens: unlike a refresh, it must bring a refresh token. */
export type SignInTokens = TokenResponse & { readonly refreshToken: string }

/** RFC 8628 §3.5: slow_down adds five seconds to this and all later waits. */
const SLOW_DOWN_MS = 5_000
/** The longest wait between two polls when the server is in trouble, ms. */
const LONGEST_BACKOFF_MS = 30_000
const START_AGAIN = "Start the sign-in again and approve it in the browser."

type Poll =
  | { kind: "tokens"; tokens: SignInTokens }
  | { kind: "pending" }
  | { kind: "slow-down"; retryAfter: number | undefined }
  | { kind: "trouble"; error: QwenAuthError }
  | { kind: "over"; error: QwenAuthError }

/**
 * Polls the token endpoint until the person has decided (RFC 8628 §3.4, §3.5), with the quirks Qwen's server shows.
 * Waits before the first poll. Trouble on the way (no answer, gateway errors, HTML) does not end the sign-in: polling goes on
 * ever more slowly until the codes end, and the last trouble is named then.
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
  let trouble: QwenAuthError | undefined
  for (;;) {
    const leftMs = authorization.expiresAt - platform.now()
    if (leftMs <= 0) throw expired(trouble)
    await pause(platform, Math.min(waitMs, leftMs), signal)
    const poll = await pollOnce(platform, server, authorization, pkce, signal)
    if (poll.kind === "tokens") return poll.tokens
    if (poll.kind === "over") throw poll.error
    trouble = poll.kind === "trouble" ? poll.error : undefined
    if (poll.kind === "slow-down") intervalMs += SLOW_DOWN_MS
    backoffMs = poll.kind === "trouble" ? Math.min(backoffMs * 2, Math.max(LONGEST_BACKOFF_MS, intervalMs)) : intervalMs
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
    return { kind: "trouble", error }
  }
}

/** What one answer means. The error code decides before the status does: Qwen has sent either with unusual partners. */
function classifyPoll(answer: Answer, now: number): Poll {
  const code = oauthErrorCode(answer)
  switch (code) {
    case "authorization_pending":
      return { kind: "pending" }
    case "slow_down":
      return { kind: "slow-down", retryAfter: retryAfterMs(answer.headers, now) }
    case "expired_token":
      return { kind: "over", error: expired() }
    case "access_denied":
      return { kind: "over", error: denied() }
    case "invalid_client":
      return { kind: "over", error: failed(answer) }
    case undefined:
      return judgeByStatus(answer, now)
    default:
      return [401, 429].includes(answer.status) || isTrouble(answer)
        ? judgeByStatus(answer, now)
        : { kind: "over", error: failed(answer) }
  }
}

function judgeByStatus(answer: Answer, now: number): Poll {
  if (answer.html || isTrouble(answer)) return { kind: "trouble", error: unexpected(answer) }
  // Qwen's slow_down comes as a 429 and not always with a body.
  if (answer.status === 429) return { kind: "slow-down", retryAfter: retryAfterMs(answer.headers, now) }
  if (answer.status === 401) return { kind: "over", error: expired() }
  if (answer.status >= 400) return { kind: "over", error: failed(answer) }
  const tokens = answer.status < 300 ? parseTokenResponse(answer, now) : undefined
  if (tokens === undefined) return { kind: "trouble", error: unexpected(answer) }
  const { refreshToken } = tokens
  if (refreshToken !== undefined) return { kind: "tokens", tokens: { ...tokens, refreshToken } }
  // The device code is spent, so asking again is hopeless; a sign-in that cannot be renewed is not one.
  const message = "Sign-in failed: the service sent no refresh token."
  return { kind: "over", error: new QwenAuthError("sign_in_failed", message, { remedy: START_AGAIN }) }
}

function isTrouble(answer: Answer): boolean {
  return answer.status === 408 || answer.status >= 500
}

function expired(trouble?: QwenAuthError): QwenAuthError {
  const message =
    trouble === undefined ? "Device code expired." : `Device code expired. Last problem: ${trouble.message}`
  return new QwenAuthError("device_code_expired", message, {
    remedy: START_AGAIN,
    ...(trouble === undefined ? {} : { cause: trouble }),
  })
}

function denied(): QwenAuthError {
  return new QwenAuthError("authorization_denied", "Authorization denied in the browser.", {
    remedy: "Start the sign-in again and approve it with the account you want to use.",
  })
}

function failed(answer: Answer): QwenAuthError {
  const message = `Sign-in failed: the service refused it (${oauthErrorText(answer)}).`
  return new QwenAuthError("sign_in_failed", message, { remedy: START_AGAIN })
}

function unexpected(answer: Answer): QwenAuthError {
  const message = `The sign-in service did not answer as expected (${describeAnswer(answer)}).`
  return new QwenAuthError(answer.firewall ? "web_firewall" : "unexpected_response", message)
}
