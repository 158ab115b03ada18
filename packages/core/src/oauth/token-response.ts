import * as v from "valibot"
import type { Answer } from "../http/answer.ts"
import { clockSkewMs } from "../http/server-time.ts"

/** A token endpoint's success (RFC 6749 §5.1), checked field by field. */
export interface TokenResponse {
  readonly accessToken: string
  /** Absent when the server keeps the present one. */
  readonly refreshToken: string | undefined
  /** The host this token is bound to, as the server wrote it; absent when the server keeps the present one. */
  readonly resourceUrl: string | undefined
  /** Lifetime, s, 1 to 2 592 000. */
  readonly expiresInS: number
  /** When it came, epoch ms by the server's clock. */
  readonly receivedAt: number
  /** What the server's clock is ahead of ours, ms; undefined when the answer does not say. */
  readonly clockSkewMs: number | undefined
}

/** Taken when the server does not say how long a token lives: shorter than the usual 6 h, so it errs towards renewal. */
const ASSUMED_LIFETIME_S = 3600
const LONGEST_LIFETIME_S = 30 * 24 * 3600
const LONGEST_TOKEN = 16 * 1024

/** A token that can go into a header: visible ASCII only (RFC 6749 appendix A.12 without the space). */
export const TokenText = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/), v.maxLength(LONGEST_TOKEN))

/** Where a token is valid, as the server wrote it. Whether a token may go there is decided at use. */
export const ResourceUrl = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/), v.maxLength(2048))

/** A field that may be missing, null or junk without spoiling the rest. */
const ifUsable = <T>(schema: v.GenericSchema<unknown, T>) => v.fallback(v.optional(schema), undefined)

/** How long a token lives, s, as whole seconds. */
export const Lifetime = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\s*\d+(\.\d+)?\s*$/), v.transform(Number))]),
  v.number(),
  v.finite(),
  v.transform((seconds) => Math.min(Math.floor(seconds), LONGEST_LIFETIME_S)),
  v.minValue(1),
)

const Success = v.object({
  access_token: TokenText,
  refresh_token: ifUsable(TokenText),
  // RFC 6749 §7.1: a client must not use a token of a type it does not understand. Qwen sometimes leaves the type out.
  token_type: v.optional(v.nullable(v.union([v.literal(""), v.pipe(v.string(), v.regex(/^bearer$/i))]))),
  expires_in: v.fallback(Lifetime, ASSUMED_LIFETIME_S),
  resource_url: ifUsable(ResourceUrl),
})

/**
 * The tokens in an answer, or undefined when it does not hold a usable access token.
 * @param now when the answer came, epoch ms by our clock
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
