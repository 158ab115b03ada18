import type { PluginInput } from "@opencode-ai/plugin"
import type { ApiKeyCredential, OAuthCredential } from "qwen-auth-core"
import { isApiKey, PLAN_IDS, REGIONS } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import * as v from "valibot"
import { PROVIDER_ID } from "../messages.ts"

/** OpenCode's server runs in the same process, so a slow response means that it is shutting down. */
const HOST_TIMEOUT_MS = 2_000

/** As strict as the plugin's file, because values from the record are written to it and sent in a header. */
const VisibleAscii = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/))

/**
 * OpenCode's own record of a sign-in with a Qwen account. It has no field for the token's resource URL and drops
 * unknown fields, so the URL is stored in `enterpriseUrl`.
 */
const AccountEntry = v.object({
  type: v.literal("oauth"),
  access: VisibleAscii,
  refresh: VisibleAscii,
  expires: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  enterpriseUrl: v.fallback(v.optional(VisibleAscii), undefined),
})

const PlanName = v.picklist(PLAN_IDS)
const RegionName = v.picklist(REGIONS)

/** A key that this plugin stored. The metadata has its endpoint, or what is known of it until it is detected. */
const KeyEntry = v.object({
  type: v.literal("api"),
  key: v.pipe(v.string(), v.check(isApiKey)),
  metadata: v.union([
    v.object({ qwenAuth: v.literal("resolved"), plan: PlanName, region: RegionName, baseUrl: VisibleAscii }),
    v.object({ qwenAuth: v.literal("unresolved"), plan: v.optional(PlanName), region: v.optional(RegionName) }),
  ]),
})

/**
 * The content of OpenCode's record for the provider. `other`: anything that this plugin did not store, such as
 * OpenCode's own key.
 */
export type HostRecord =
  | { readonly kind: "none" }
  | { readonly kind: "account"; readonly credential: OAuthCredential }
  | { readonly kind: "key"; readonly key: StoredKey }
  | { readonly kind: "other" }

/** Parses OpenCode's record. */
export function hostRecord(entry: unknown): HostRecord {
  if (entry === undefined || entry === null) return { kind: "none" }
  const account = v.safeParse(AccountEntry, entry)
  if (account.success) {
    const { access, refresh, expires, enterpriseUrl } = account.output
    const tokens = { accessToken: access, refreshToken: refresh, expiresAt: expires }
    return { kind: "account", credential: { type: "oauth", ...tokens, resourceUrl: enterpriseUrl } }
  }
  const key = v.safeParse(KeyEntry, entry)
  return key.success ? { kind: "key", key: storedKey(key.output) } : { kind: "other" }
}

function storedKey({ key: apiKey, metadata }: v.InferOutput<typeof KeyEntry>): StoredKey {
  const { qwenAuth, ...endpoint } = metadata
  return "baseUrl" in endpoint ? { apiKey, endpoint } : { apiKey, hint: endpoint }
}

/** Returns the record's fields for a Qwen account. */
export function accountEntry(credential: OAuthCredential) {
  const { accessToken, refreshToken, expiresAt, resourceUrl } = credential
  return {
    access: accessToken,
    refresh: refreshToken,
    expires: expiresAt,
    ...(resourceUrl === undefined ? {} : { enterpriseUrl: resourceUrl }),
  }
}

/** Returns the record's fields for an API key with its endpoint. */
export function keyEntry({ apiKey, plan, region, baseUrl }: ApiKeyCredential) {
  return { key: apiKey, metadata: { qwenAuth: "resolved", plan, region, baseUrl } }
}

/** Returns the record's fields for an API key whose endpoint is not detected yet. */
export function unresolvedKeyEntry(apiKey: string, hint: NonNullable<StoredKey["hint"]>) {
  const { plan, region } = hint
  return {
    key: apiKey,
    metadata: {
      qwenAuth: "unresolved",
      ...(plan === undefined ? {} : { plan }),
      ...(region === undefined ? {} : { region }),
    },
  }
}

/**
 * Writes a refreshed credential to OpenCode's record, so that the record does not keep an invalid token. After a
 * sign-out, a sign-in with a key or a newer sign-in, it leaves the record alone.
 * @param present OpenCode's current record
 * @param replaced the credential before the refresh
 * @throws the errors of OpenCode's client
 */
export async function publishToHost(
  client: Pick<PluginInput["client"], "auth">,
  present: HostRecord,
  credential: OAuthCredential,
  replaced: OAuthCredential,
): Promise<void> {
  if (present.kind !== "account" || isNewer(present.credential, replaced)) return
  await client.auth.set({
    path: { id: PROVIDER_ID },
    body: { type: "oauth", ...accountEntry(credential) },
    signal: AbortSignal.timeout(HOST_TIMEOUT_MS),
    throwOnError: true,
  })
}

/**
 * Returns whether the user signed in after the refresh of `replaced` began. A record that expires earlier than
 * `replaced` is only out of date: an earlier refresh did not reach it, or Qwen Code refreshed the token.
 */
function isNewer(recorded: OAuthCredential, replaced: OAuthCredential): boolean {
  return recorded.accessToken !== replaced.accessToken && recorded.expiresAt >= replaced.expiresAt
}
