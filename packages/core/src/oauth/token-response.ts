import type { Answer } from "../http/answer.ts"
import { clockSkewMs } from "../http/server-time.ts"

/** A successful response of the token endpoint (RFC 6749 §5.1), validated field by field. */
export interface TokenResponse {
  readonly accessToken: string
  /** Undefined if the current refresh token stays valid. */
  readonly refreshToken: string | undefined
  /** The host that accepts this token, as the server wrote it. Undefined if the current one stays valid. */
  readonly resourceUrl: string | undefined
  /** The lifetime of the access token, s, 1 to 2 592 000. */
  readonly expiresInS: number
  /** When the response arrived, epoch ms by the server's clock. */
  readonly receivedAt: number
  /** How far the server's clock is ahead of the local clock, ms. Undefined if the response does not tell. */
  readonly clockSkewMs: number | undefined
}

/**
 * Used if the server sends no lifetime. Shorter than Qwen's usual 6 h, so that the token is refreshed too early, not
 * too late.
 */
const ASSUMED_LIFETIME_S = 3600
const MAX_LIFETIME_S = 30 * 24 * 3600

/** Returns a token if it can be sent in a header: visible ASCII only (RFC 6749 appendix A.12 without the space). */
export function parseToken(value: unknown): string | undefined {
  return visibleAscii(value, 16 * 1024)
}

/**
 * Returns the host that accepts a token, as the server wrote it. Whether a token may be sent there is checked before
 * each use.
 */
export function parseResourceUrl(value: unknown): string | undefined {
  return visibleAscii(value, 2048)
}

function visibleAscii(value: unknown, maxLength: number): string | undefined {
  return typeof value === "string" && value.length <= maxLength && /^[\x21-\x7e]+$/.test(value) ? value : undefined
}

/** Returns a finite number. It may be written as a string. */
export function parseNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
}

/** Returns the lifetime of a token in whole seconds, at most 30 days. */
export function parseLifetime(value: unknown): number | undefined {
  const seconds = Math.floor(parseNumber(value) ?? 0)
  return seconds >= 1 ? Math.min(seconds, MAX_LIFETIME_S) : undefined
}

/** RFC 6749 §7.1: a client must not use a token of a type it does not understand. Qwen sometimes omits the type. */
function isBearer(tokenType: unknown): boolean {
  return (tokenType ?? "") === "" || (typeof tokenType === "string" && /^bearer$/i.test(tokenType))
}

/**
 * Returns the tokens in a response, or undefined if it contains no usable access token. Any other field that is invalid
 * counts as missing.
 * @param now when the response arrived, epoch ms by the local clock
 */
export function parseTokenResponse(answer: Pick<Answer, "json" | "headers">, now: number): TokenResponse | undefined {
  const { access_token, refresh_token, token_type, expires_in, resource_url } = answer.json ?? {}
  const accessToken = parseToken(access_token)
  if (accessToken === undefined || !isBearer(token_type)) return undefined
  const skewMs = clockSkewMs(answer.headers, now)
  return {
    accessToken,
    refreshToken: parseToken(refresh_token),
    expiresInS: parseLifetime(expires_in) ?? ASSUMED_LIFETIME_S,
    resourceUrl: parseResourceUrl(resource_url),
    receivedAt: now + (skewMs ?? 0),
    clockSkewMs: skewMs,
  }
}
