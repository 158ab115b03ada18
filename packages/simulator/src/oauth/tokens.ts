import { randomBytes } from "node:crypto"
import type { Clock } from "../clock.ts"
import { API_HOST } from "./resource-url.ts"

/** The tokens that a sign-in or a refresh issues. */
export interface IssuedTokens {
  accessToken: string
  /** The new refresh token; `undefined` when the client keeps its current one. */
  newRefreshToken: string | undefined
}

/** The rules for a refresh. */
export interface RefreshRules {
  lifetimeS: number
  /** A refresh replaces the refresh token, as at Qwen. */
  rotation: boolean
  /** Reusing a replaced refresh token revokes all tokens of its sign-in (RFC 9700 §4.14.2). */
  reuseRevokesFamily: boolean
}

/** The tokens of one sign-in. */
interface Family {
  /** The valid refresh token; `undefined` once revoked. */
  refreshToken: string | undefined
  revoked: boolean
  /** The host of the last `resource_url`; `undefined` when that is not a real host. */
  host: string | undefined
}

interface AccessToken {
  family: Family
  /** Epoch milliseconds. */
  expiresAt: number
  /** The only real host that accepts it; `undefined`: any host. */
  host: string | undefined
}

/** The tokens issued since the start or the last reset. */
export class Tokens {
  readonly #clock: Clock
  readonly #accessTokens = new Map<string, AccessToken>()
  /** Includes rotated refresh tokens, so that their reuse can be distinguished from an unknown token. */
  readonly #families = new Map<string, Family>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The first tokens of a sign-in. */
  issue(lifetimeS: number): IssuedTokens {
    const family: Family = { refreshToken: undefined, revoked: false, host: API_HOST }
    return { accessToken: this.#addAccessToken(family, lifetimeS), newRefreshToken: this.#addRefreshToken(family) }
  }

  /** New tokens for a refresh token, or undefined when it is unknown, replaced or revoked. */
  refresh(refreshToken: string, rules: RefreshRules): IssuedTokens | undefined {
    const family = this.#families.get(refreshToken)
    if (family === undefined || family.revoked) return undefined
    if (family.refreshToken !== refreshToken) {
      if (rules.reuseRevokesFamily) family.revoked = true
      return undefined
    }
    return {
      accessToken: this.#addAccessToken(family, rules.lifetimeS),
      newRefreshToken: rules.rotation ? this.#addRefreshToken(family) : undefined,
    }
  }

  /** Whether the API accepts this access token now. */
  accepts(accessToken: string): boolean {
    const token = this.#accessTokens.get(accessToken)
    return token !== undefined && !token.family.revoked && this.#clock.now() < token.expiresAt
  }

  /** Binds an access token, and those refreshed after it, to the host of the `resource_url` in its response. */
  bind(accessToken: string, host: string | undefined): void {
    const token = this.#accessTokens.get(accessToken)
    if (token === undefined) return
    token.host = host
    token.family.host = host
  }

  /** The real host an access token is bound to, if any. */
  hostOf(accessToken: string): string | undefined {
    return this.#accessTokens.get(accessToken)?.host
  }

  /** Makes the API refuse all access tokens issued so far. Returns how many were valid. */
  expireAccessTokens(): number {
    const now = this.#clock.now()
    const live = [...this.#accessTokens.keys()].filter((token) => this.accepts(token))
    for (const token of this.#accessTokens.values()) token.expiresAt = Math.min(token.expiresAt, now)
    return live.length
  }

  /** Makes the token endpoint refuse all refresh tokens issued so far. Returns how many were valid. */
  revokeRefreshTokens(): number {
    let revoked = 0
    for (const family of new Set(this.#families.values())) {
      if (family.refreshToken !== undefined && !family.revoked) revoked += 1
      family.refreshToken = undefined
    }
    return revoked
  }

  #addAccessToken(family: Family, lifetimeS: number): string {
    const accessToken = randomBytes(32).toString("base64url")
    const expiresAt = this.#clock.now() + lifetimeS * 1000
    this.#accessTokens.set(accessToken, { family, expiresAt, host: family.host })
    return accessToken
  }

  #addRefreshToken(family: Family): string {
    const refreshToken = randomBytes(32).toString("base64url")
    family.refreshToken = refreshToken
    this.#families.set(refreshToken, family)
    return refreshToken
  }
}
