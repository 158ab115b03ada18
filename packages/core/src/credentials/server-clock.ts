import { clockSkewMs } from "../http/server-time.ts"
import type { TokenResponse } from "../oauth/token-response.ts"
import type { Platform } from "../platform.ts"
import { type OAuthCredential, oauthCredential } from "./credential.ts"

/** A token is refreshed when it expires within this time, ms, or within half of its lifetime if that is shorter. */
const REFRESH_MARGIN_MS = 5 * 60_000

/** Computes the remaining lifetime of tokens by the server's clock. Local clocks are sometimes hours off. */
export class ServerClock {
  readonly #clock: Pick<Platform, "now">
  /** How far the server's clock is ahead of the local clock, ms. */
  #skewMs = 0
  /** Lifetime of the last token that stated it, s. Assumed for tokens that do not. */
  #expiresInS: number | undefined

  constructor(platform: Pick<Platform, "now">) {
    this.#clock = platform
  }

  /** Updates the clock skew from the headers of any response of the service. */
  observe(headers: Headers): void {
    this.#skewMs = clockSkewMs(headers, this.#clock.now()) ?? this.#skewMs
  }

  /** Updates the known lifetime of the server's tokens. */
  observeLifetime({ expiresInS }: OAuthCredential): void {
    this.#expiresInS = expiresInS ?? this.#expiresInS
  }

  /**
   * Returns the credential of refreshed tokens with its expiry by the server's clock. If the response had no `Date`
   * header, the tokens were dated by the local clock, which is corrected by the skew known from other responses.
   */
  refreshedCredential(tokens: TokenResponse, replaced: OAuthCredential): OAuthCredential {
    const receivedAt = tokens.clockSkewMs === undefined ? tokens.receivedAt + this.#skewMs : tokens.receivedAt
    this.#skewMs = tokens.clockSkewMs ?? this.#skewMs
    return oauthCredential({ ...tokens, receivedAt }, replaced)
  }

  /** Returns true while the access token has not expired. */
  isValid(credential: OAuthCredential): boolean {
    return this.#remainingMs(credential) > 0
  }

  /** Returns true while it is too early to refresh the access token. */
  isFresh(credential: OAuthCredential): boolean {
    const { expiresInS = this.#expiresInS ?? Number.POSITIVE_INFINITY } = credential
    // Otherwise a token with a lifetime below the margin would be refreshed at every request.
    return this.#remainingMs(credential) >= Math.min(REFRESH_MARGIN_MS, (expiresInS * 1000) / 2)
  }

  #remainingMs({ expiresAt }: OAuthCredential): number {
    return expiresAt - (this.#clock.now() + this.#skewMs)
  }
}
