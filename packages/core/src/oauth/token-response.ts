import * as v from "valibot"
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
const MAX_TOKEN_LENGTH = 16 * 1024

/** A token that can be sent in a header: visible ASCII only (RFC 6749 appendix A.12 without the space). */
export const TokenText = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/), v.maxLength(MAX_TOKEN_LENGTH))

/**
 * The host that accepts a token, as the server wrote it. Whether a token may be sent there is checked before each use.
 */
export const ResourceUrl = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/), v.maxLength(2048))

/** An optional field. A value that is null or invalid counts as missing and does not invalidate the response. */
export const lenient = <T>(schema: v.GenericSchema<unknown, T>) => v.fallback(v.optional(schema), undefined)

/** A number, or a text that is one. */
export const NumberOrText = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.trim(), v.regex(/^\d+(\.\d+)?$/), v.transform(Number))]),
  v.finite(),
)

/** The lifetime of a token in whole seconds. */
export const Lifetime = v.pipe(
  NumberOrText,
  v.transform((seconds) => Math.min(Math.floor(seconds), MAX_LIFETIME_S)),
  v.minValue(1),
)

const Success = v.object({
  access_token: TokenText,
  refresh_token: lenient(TokenText),
  // RFC 6749 §7.1: a client must not use a token of a type it does not understand. Qwen sometimes omits the type.
  token_type: v.optional(v.nullable(v.union([v.literal(""), v.pipe(v.string(), v.regex(/^bearer$/i))]))),
  expires_in: v.fallback(Lifetime, ASSUMED_LIFETIME_S),
  resource_url: lenient(ResourceUrl),
})

/**
 * Returns the tokens in a response, or undefined if it contains no usable access token.
 * @param now when the response arrived, epoch ms by the local clock
 */
export function parseTokenResponse(answer: Pick<Answer, "json" | "headers">, now: number): TokenResponse | undefined {
  const parsed = v.safeParse(Success, answer.json)
  if (!parsed.success) return undefined
  const { access_token, refresh_token, expires_in, resource_url } = parsed.output
  const skewMs = clockSkewMs(answer.headers, now)
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresInS: expires_in,
    resourceUrl: resource_url,
    receivedAt: now + (skewMs ?? 0),
    clockSkewMs: skewMs,
  }
}
