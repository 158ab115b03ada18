import { QwenAuthError } from "../errors.ts"
import type { Answer } from "../http/answer.ts"
import { pause } from "../http/deadline.ts"
import { isConnectionBlocked } from "../http/network-error.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import { isLoopback } from "../http/secure-url.ts"
import type { Platform } from "../platform.ts"
import type { AuthorizationServer } from "./authorization-server.ts"
import { postForm } from "./form-request.ts"
import { isTemporary, oauthErrorCode, oauthErrorText, unexpectedAnswerText } from "./oauth-error.ts"
import type { Pkce } from "./pkce.ts"
import { parseNumber, parseToken } from "./token-response.ts"

/** A started sign-in (RFC 8628 §3.2). `deviceCode` is a secret; `userCode` and the URIs are shown to the user. */
export interface DeviceAuthorization {
  readonly deviceCode: string
  readonly userCode: string
  readonly verificationUri: string
  /** The verification URI with the user code. Equals `verificationUri` if the server sends none. */
  readonly verificationUriComplete: string
  /** When both codes expire, epoch ms. */
  readonly expiresAt: number
  /** The minimum time between two polls, ms. */
  readonly intervalMs: number
}

const MAX_ATTEMPTS = 3
const FIRST_WAIT_MS = 1_000
const MAX_WAIT_MS = 10_000
/** RFC 8628 §3.2: "If no value is provided, clients MUST use 5 as the default." */
const DEFAULT_INTERVAL_S = 5
const DEFAULT_LIFETIME_S = 900
const USER_CODE = /^[\x20-\x7e]{1,64}$/

/**
 * Requests a device code and a user code (RFC 8628 §3.1) with PKCE S256 (RFC 7636 §4.3). After a network error or a
 * gateway error it tries again, up to three attempts in total.
 * @throws QwenAuthError `device_authorization_failed` (the server refused), `service_unreachable`, `web_firewall`,
 *   `unexpected_response`, `proxy_refused`, `proxy_unusable`, `certificate_not_trusted`, `aborted`
 */
export async function requestDeviceAuthorization(
  platform: Platform,
  server: AuthorizationServer,
  pkce: Pkce,
  signal?: AbortSignal,
): Promise<DeviceAuthorization> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptStart(platform, server, pkce, signal)
    if (!("error" in outcome)) return outcome
    if (!outcome.retry || attempt === MAX_ATTEMPTS) throw outcome.error
    const waitMs = Math.max(FIRST_WAIT_MS * attempt, outcome.retryAfter ?? 0)
    await pause(platform, Math.min(waitMs, MAX_WAIT_MS), signal)
  }
}

type Failure = { error: QwenAuthError; retry: boolean; retryAfter?: number | undefined }

async function attemptStart(
  platform: Platform,
  server: AuthorizationServer,
  pkce: Pkce,
  signal: AbortSignal | undefined,
): Promise<DeviceAuthorization | Failure> {
  const form = {
    client_id: server.clientId,
    scope: server.scope,
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  }
  try {
    const answer = await postForm(platform, server, "deviceAuthorizationEndpoint", form, signal)
    const started = parseDeviceAuthorization(answer, server, platform.now())
    return started ?? startFailure(answer, platform.now())
  } catch (error) {
    if (!QwenAuthError.isInstance(error) || error.code === "aborted") throw error
    return { error, retry: !isConnectionBlocked(error) }
  }
}

/** Returns the device authorization in a response, or undefined if it is incomplete. */
function parseDeviceAuthorization(
  answer: Answer,
  server: AuthorizationServer,
  now: number,
): DeviceAuthorization | undefined {
  const { device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval } =
    answer.json ?? {}
  const deviceCode = parseToken(device_code)
  const userCode = typeof user_code === "string" && USER_CODE.test(user_code) ? user_code : undefined
  const allowHttp = isLoopback(new URL(server.deviceAuthorizationEndpoint))
  const page = webAddress(verification_uri, allowHttp)
  if (answer.status >= 300 || oauthErrorCode(answer) !== undefined) return undefined
  if (deviceCode === undefined || userCode === undefined || page === undefined) return undefined
  return {
    deviceCode,
    userCode,
    verificationUri: page,
    verificationUriComplete: webAddress(verification_uri_complete, allowHttp) ?? page,
    expiresAt: now + seconds(expires_in, 3600, DEFAULT_LIFETIME_S) * 1000,
    intervalMs: seconds(interval, 60, DEFAULT_INTERVAL_S) * 1000,
  }
}

/** Returns a duration between 1 and `max`, s. Zero, a negative or an invalid value counts as missing. */
function seconds(value: unknown, max: number, fallback: number): number {
  const duration = parseNumber(value) ?? 0
  return duration < 0.001 ? fallback : Math.min(Math.max(duration, 1), max)
}

/** A browser opens this address and a terminal prints it, so only a web address is allowed. */
function webAddress(value: unknown, allowHttp: boolean): string | undefined {
  if (typeof value !== "string" || !URL.canParse(value)) return undefined
  const url = new URL(value)
  const web = url.protocol === "https:" || (url.protocol === "http:" && allowHttp && isLoopback(url))
  return web && !url.username && !url.password ? url.href : undefined
}

function startFailure(answer: Answer, now: number): Failure {
  const retryAfter = retryAfterMs(answer.headers, now)
  if (answer.firewall) {
    const error = new QwenAuthError("web_firewall", "Alibaba's web firewall answered instead of the sign-in service.", {
      remedy: "Wait a few minutes or use another network, then sign in again.",
    })
    return { error, retry: false }
  }
  const temporary = isTemporary(answer)
  if (temporary || answer.html || (answer.status < 400 && oauthErrorCode(answer) === undefined)) {
    const remedy = "Try again in a few minutes; if the problem persists, check for a proxy or a captive portal."
    const error = new QwenAuthError("unexpected_response", unexpectedAnswerText(answer), { remedy })
    return { error, retry: temporary, retryAfter }
  }
  const message = `The sign-in could not be started (${oauthErrorText(answer)}).`
  const remedy = "Update this plugin; if a client id or a sign-in address is configured, check it."
  return { error: new QwenAuthError("device_authorization_failed", message, { remedy }), retry: false }
}
