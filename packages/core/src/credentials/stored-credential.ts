import * as v from "valibot"
import { PLAN_IDS, REGIONS } from "../catalog/plans.ts"
import { parseJsonObject } from "../http/json-object.ts"
import { Lifetime, ResourceUrl, TokenText } from "../oauth/token-response.ts"
import { isApiKey } from "./api-key.ts"
import type { ApiKeyCredential, Credential, OAuthCredential } from "./credential.ts"

/**
 * Room for the longest text of a credential, bytes: two tokens of 16 KiB, a resource URL of 2 KiB and the names of the fields. (Only a token
 * of quotation marks takes more: each is two characters in JSON.)
 */
export const LARGEST_CREDENTIAL_BYTES = 36 * 1024

/** Epoch ms: a number, or a number in text. */
const EpochMs = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.trim(), v.regex(/^\d+(\.\d+)?$/), v.transform(Number))]),
  v.finite(),
  v.transform(Math.floor),
  v.minValue(0),
  v.maxValue(Number.MAX_SAFE_INTEGER),
)
const OptionalEpochMs = v.fallback(v.optional(EpochMs), undefined)

/**
 * The stored form of an account: the field names of Qwen Code's `oauth_creds.json`, so that people and tools recognise it. `expiry_date` is
 * epoch ms. `expires_in` is ours, in seconds; Qwen Code drops it. The package `opencode-qwen-cli-auth`, which kept its sign-in
 * in the file that is ours now, wrote `expires` for `expiry_date`.
 */
const StoredAccount = v.object({
  /** Absent means 1. A later program may store what this one does not understand. */
  version: v.optional(v.literal(1)),
  access_token: TokenText,
  refresh_token: TokenText,
  resource_url: v.fallback(v.optional(ResourceUrl), undefined),
  expiry_date: OptionalEpochMs,
  expires: OptionalEpochMs,
  expires_in: v.fallback(v.optional(Lifetime), undefined),
})

/** The stored form of an API key: the endpoint where it works is beside it. */
const StoredApiKey = v.object({
  version: v.optional(v.literal(1)),
  type: v.literal("api_key"),
  api_key: v.pipe(v.string(), v.check(isApiKey)),
  plan: v.picklist(PLAN_IDS),
  region: v.picklist(REGIONS),
  base_url: v.string(),
})

const Newer = v.object({ version: v.pipe(v.number(), v.minValue(2)) })

/** The credential in a stored text; undefined when there is no complete one, `newer` when a later program wrote it. */
export function parseStoredCredential(text: string): Credential | "newer" | undefined {
  const json = parseJsonObject(text)
  if (v.is(Newer, json)) return "newer"
  return json?.["type"] === "api_key" ? parseApiKey(json) : parseAccount(json)
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
 * The text to store for a credential.
 * @param present the text that it replaces, where fields that are not ours are to stay
 */
export function formatStoredCredential(credential: Credential, present = ""): string {
  const fields = credential.type === "oauth" ? accountFields(credential, present) : apiKeyFields(credential)
  return `${JSON.stringify(fields, undefined, 2)}\n`
}

function apiKeyFields({ type, apiKey, plan, region, baseUrl }: ApiKeyCredential) {
  return { type, api_key: apiKey, plan, region, base_url: baseUrl }
}

function accountFields(credential: OAuthCredential, present: string) {
  return {
    ...parseJsonObject(present),
    // What a later program wrote goes with what it wrote.
    version: undefined,
    access_token: credential.accessToken,
    refresh_token: credential.refreshToken,
    token_type: "Bearer",
    resource_url: credential.resourceUrl,
    expiry_date: credential.expiresAt,
    // Absent unless it belongs to this token.
    expires_in: credential.expiresInS,
    expires: undefined,
    // An API key may have been stored here before.
    type: undefined,
    api_key: undefined,
    plan: undefined,
    region: undefined,
    base_url: undefined,
  }
}
