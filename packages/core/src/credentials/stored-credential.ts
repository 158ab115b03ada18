import * as v from "valibot"
import { PLAN_IDS, REGIONS } from "../catalog/plans.ts"
import { parseJsonObject } from "../http/json-object.ts"
import { Lifetime, lenient, NumberOrText, ResourceUrl, TokenText } from "../oauth/token-response.ts"
import { isApiKey } from "./api-key.ts"
import type { ApiKeyCredential, Credential, OAuthCredential } from "./credential.ts"

/**
 * Space for the longest stored credential, bytes: two tokens of 16 KiB, a resource URL of 2 KiB and the field names.
 * Only tokens full of quotation marks need more, because JSON escapes them.
 */
export const LARGEST_CREDENTIAL_BYTES = 36 * 1024

const EpochMs = v.pipe(NumberOrText, v.transform(Math.floor), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))

/**
 * The stored form of a Qwen account. It has the field names of Qwen Code's `oauth_creds.json`, so that users and
 * tools recognise it. `expiry_date` is in epoch ms. `expires_in` is our own field, in seconds; Qwen Code drops it. The
 * package `opencode-qwen-cli-auth`, which used the same file as we do, wrote `expires` instead of `expiry_date`.
 */
const StoredAccount = v.object({
  /** Default: 1. A newer version of this program may store a format that this one does not understand. */
  version: v.optional(v.literal(1)),
  access_token: TokenText,
  refresh_token: TokenText,
  resource_url: lenient(ResourceUrl),
  expiry_date: lenient(EpochMs),
  expires: lenient(EpochMs),
  expires_in: lenient(Lifetime),
})

/** The ids are in one text, which is shorter than a list. Another program may have written anything there. */
const FormerTokens = v.object({
  former_tokens: v.pipe(
    v.string(),
    v.regex(/^[\da-f]{16}(?: [\da-f]{16})*$/),
    v.transform((text) => text.split(" ")),
  ),
})

/** The stored form of an API key, with the endpoint where it is valid. */
const StoredApiKey = v.object({
  version: v.optional(v.literal(1)),
  type: v.literal("api_key"),
  api_key: v.pipe(v.string(), v.check(isApiKey)),
  plan: v.picklist(PLAN_IDS),
  region: v.picklist(REGIONS),
  base_url: v.string(),
})

const Newer = v.object({ version: v.pipe(v.number(), v.minValue(2)) })

/**
 * Parses a stored credential. Returns undefined when it is not complete, or `newer` when a newer version of this
 * program wrote it.
 */
export function parseStoredCredential(text: string): Credential | "newer" | undefined {
  const json = parseJsonObject(text)
  if (v.is(Newer, json)) return "newer"
  return json?.["type"] === "api_key" ? parseApiKey(json) : parseAccount(json)
}

/** Returns the ids of the refresh tokens that came before the stored one, as far as they are stored. */
export function parseFormerTokens(text: string): readonly string[] | undefined {
  const parsed = v.safeParse(FormerTokens, parseJsonObject(text))
  return parsed.success ? parsed.output.former_tokens : undefined
}

function parseApiKey(json: unknown): ApiKeyCredential | undefined {
  const parsed = v.safeParse(StoredApiKey, json)
  if (!parsed.success) return undefined
  const { type, api_key, plan, region, base_url } = parsed.output
  return { type, apiKey: api_key, plan, region, baseUrl: base_url }
}

function parseAccount(json: unknown): OAuthCredential | undefined {
  const parsed = v.safeParse(StoredAccount, json)
  if (!parsed.success) return undefined
  const { access_token, refresh_token, resource_url, expires, expiry_date = expires, expires_in } = parsed.output
  if (expiry_date === undefined) return undefined
  return {
    type: "oauth",
    accessToken: access_token,
    refreshToken: refresh_token,
    resourceUrl: resource_url,
    expiresAt: expiry_date,
    expiresInS: expires_in,
  }
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
