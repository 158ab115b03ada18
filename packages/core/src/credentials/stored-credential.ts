import { PLAN_IDS, REGIONS } from "../catalog/plans.ts"
import { parseJsonObject } from "../http/json-object.ts"
import { parseLifetime, parseNumber, parseResourceUrl, parseToken } from "../oauth/token-response.ts"
import { isApiKey } from "./api-key.ts"
import type { ApiKeyCredential, Credential, OAuthCredential } from "./credential.ts"

/**
 * Space for the longest stored credential, bytes: two tokens of 16 KiB, a resource URL of 2 KiB and the field names.
 * Only tokens full of quotation marks need more, because JSON escapes them.
 */
export const MAX_CREDENTIAL_BYTES = 36 * 1024

/** The ids are in one text, which is shorter than a list. Another program may have written anything there. */
const FORMER_TOKENS = /^[\da-f]{16}(?: [\da-f]{16})*$/

type Fields = Readonly<Record<string, unknown>>

/**
 * Parses a stored credential. Returns undefined when it is not complete, or `newer` when a newer version of this
 * program wrote it.
 */
export function parseStoredCredential(text: string): Credential | "newer" | undefined {
  const { version = 1, ...fields } = parseJsonObject(text) ?? {}
  if (typeof version === "number" && version >= 2) return "newer"
  if (version !== 1) return undefined
  return fields["type"] === "api_key" ? parseApiKey(fields) : parseAccount(fields)
}

/** Returns the ids of the refresh tokens that came before the stored one, as far as they are stored. */
export function parseFormerTokens(text: string): readonly string[] | undefined {
  const { former_tokens } = parseJsonObject(text) ?? {}
  return typeof former_tokens === "string" && FORMER_TOKENS.test(former_tokens) ? former_tokens.split(" ") : undefined
}

/** Parses the stored form of an API key, with the endpoint where it is valid. */
function parseApiKey({ api_key: apiKey, base_url: baseUrl, ...fields }: Fields): ApiKeyCredential | undefined {
  const plan = PLAN_IDS.find((id) => id === fields["plan"])
  const region = REGIONS.find((id) => id === fields["region"])
  if (typeof apiKey !== "string" || !isApiKey(apiKey) || typeof baseUrl !== "string") return undefined
  return plan === undefined || region === undefined ? undefined : { type: "api_key", apiKey, plan, region, baseUrl }
}

/**
 * Parses the stored form of a Qwen account. It has the field names of Qwen Code's `oauth_creds.json`, so that users and
 * tools recognise it. `expiry_date` is in epoch ms. `expires_in` is our own field, in seconds; Qwen Code drops it. The
 * package `opencode-qwen-cli-auth`, which used the same file as we do, wrote `expires` instead of `expiry_date`.
 */
function parseAccount(fields: Fields): OAuthCredential | undefined {
  const accessToken = parseToken(fields["access_token"])
  const refreshToken = parseToken(fields["refresh_token"])
  const expiresAt = parseEpochMs(fields["expiry_date"]) ?? parseEpochMs(fields["expires"])
  if (accessToken === undefined || refreshToken === undefined || expiresAt === undefined) return undefined
  return {
    type: "oauth",
    accessToken,
    refreshToken,
    resourceUrl: parseResourceUrl(fields["resource_url"]),
    expiresAt,
    expiresInS: parseLifetime(fields["expires_in"]),
  }
}

function parseEpochMs(value: unknown): number | undefined {
  const ms = parseNumber(value)
  return ms !== undefined && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER ? Math.floor(ms) : undefined
}

/**
 * Returns the text to store for a credential.
 * @param present the text that it replaces, if fields of other programs must be preserved
 * @param formerTokens the ids of the refresh tokens that came before the account's
 */
export function formatStoredCredential(
  credential: Credential,
  present = "",
  formerTokens: readonly string[] = [],
): string {
  const fields =
    credential.type === "oauth" ? accountFields(credential, present, formerTokens) : apiKeyFields(credential)
  return `${JSON.stringify(fields, undefined, 2)}\n`
}

function apiKeyFields({ type, apiKey, plan, region, baseUrl }: ApiKeyCredential) {
  return { type, api_key: apiKey, plan, region, base_url: baseUrl }
}

function accountFields(credential: OAuthCredential, present: string, formerTokens: readonly string[]) {
  return {
    ...parseJsonObject(present),
    // The version belongs to the replaced content.
    version: undefined,
    access_token: credential.accessToken,
    refresh_token: credential.refreshToken,
    token_type: "Bearer",
    resource_url: credential.resourceUrl,
    expiry_date: credential.expiresAt,
    // Always set, so that the lifetime of the replaced token does not remain.
    expires_in: credential.expiresInS,
    expires: undefined,
    former_tokens: formerTokens.length === 0 ? undefined : formerTokens.join(" "),
    // An API key may have been stored here before.
    type: undefined,
    api_key: undefined,
    plan: undefined,
    region: undefined,
    base_url: undefined,
  }
}
