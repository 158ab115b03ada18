import type { ApiEndpoint } from "../catalog/plans.ts"
import type { TokenResponse } from "../oauth/token-response.ts"

/** A signed-in Qwen account: complete and valid in form, or it does not exist. */
export interface OAuthCredential {
  readonly type: "oauth"
  readonly accessToken: string
  readonly refreshToken: string
  /** Where the access token is valid, as the server wrote it; see `http/api-url`. */
  readonly resourceUrl: string | undefined
  /** When the access token ends, epoch ms by the server's clock. */
  readonly expiresAt: number
  /** How long the access token was issued for, s; absent when whoever stored the credential did not say. */
  readonly expiresInS?: number | undefined
}

/** An API key and the endpoint where it works. It is never refreshed. */
export interface ApiKeyCredential extends ApiEndpoint {
  readonly type: "api_key"
  readonly apiKey: string
}

/** What a request can carry. */
export type Credential = OAuthCredential | ApiKeyCredential

/** The access token or the key: what tells one credential from another. */
export function secretOf(credential: Credential): string {
  return credential.type === "oauth" ? credential.accessToken : credential.apiKey
}

/**
 * The credential in a token response. Qwen leaves out what stays as it is, so `previous` fills the refresh token and the
 * resource URL of a refresh answer.
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
