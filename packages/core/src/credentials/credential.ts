import type { ApiEndpoint } from "../catalog/plans.ts"
import type { TokenResponse } from "../oauth/token-response.ts"

/** The credential of a Qwen account. Always complete and validated. */
export interface OAuthCredential {
  readonly type: "oauth"
  readonly accessToken: string
  readonly refreshToken: string
  /** The `resource_url` of the token response: the API host where the access token is valid. */
  readonly resourceUrl: string | undefined
  /** When the access token expires, epoch ms by the server's clock. */
  readonly expiresAt: number
  /** Lifetime of the access token, s; absent when the program that stored the credential did not store it. */
  readonly expiresInS?: number | undefined
}

/** An API key and the endpoint where it is valid. It is never refreshed. */
export interface ApiKeyCredential extends ApiEndpoint {
  readonly type: "api_key"
  readonly apiKey: string
}

/** A credential for Qwen's API. */
export type Credential = OAuthCredential | ApiKeyCredential

/** Returns the access token or API key, which identifies the credential. */
export function secretOf(credential: Credential): string {
  return credential.type === "oauth" ? credential.accessToken : credential.apiKey
}

/**
 * Returns the credential of a token response. Qwen's refresh responses omit values that did not change (observed), so
 * the refresh token and the resource URL are then taken from `previous`.
 */
export function oauthCredential(
  tokens: TokenResponse,
  previous: { readonly refreshToken: string; readonly resourceUrl?: string | undefined },
): OAuthCredential {
  return {
    type: "oauth",
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken ?? previous.refreshToken,
    resourceUrl: tokens.resourceUrl ?? previous.resourceUrl,
    expiresAt: tokens.receivedAt + tokens.expiresInS * 1000,
    expiresInS: tokens.expiresInS,
  }
}
