import * as v from "valibot"
import { parseJsonObject } from "../http/json-object.ts"
import { ResourceUrl, TokenText } from "../oauth/token-response.ts"
import type { OAuthCredential } from "./credential.ts"

/**
 * The stored form: the field names of Qwen Code's `oauth_creds.json`, so that people and tools recognise it.
 * `expiry_date` is epoch ms.
 */
const CredentialJson = v.object({
  access_token: TokenText,
  refresh_token: TokenText,
  resource_url: v.fallback(v.optional(ResourceUrl), undefined),
  expiry_date: v.pipe(
    v.number(),
    v.finite(),
    v.transform(Math.floor),
    v.minValue(0),
    v.maxValue(Number.MAX_SAFE_INTEGER),
  ),
})

/** The credential in a stored text, or undefined when there is no complete one. */
export function parseCredentialJson(text: string): OAuthCredential | undefined {
  const parsed = v.safeParse(CredentialJson, parseJsonObject(text))
  if (!parsed.success) return undefined
  const { access_token, refresh_token, resource_url, expiry_date } = parsed.output
  return {
    type: "oauth",
    accessToken: access_token,
    refreshToken: refresh_token,
    resourceUrl: resource_url,
    expiresAt: expiry_date,
  }
}

/** The text to store for a credential. */
export function formatCredentialJson(credential: OAuthCredential): string {
  const fields = {
    access_token: credential.accessToken,
    refresh_token: credential.refreshToken,
    token_type: "Bearer",
    resource_url: credential.resourceUrl,
    expiry_date: credential.expiresAt,
  }
  return `${JSON.stringify(fields, undefined, 2)}\n`
}
