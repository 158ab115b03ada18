import type { PluginInput } from "@opencode-ai/plugin"
import type { ApiKeyCredential, OAuthCredential } from "qwen-auth-core"
import { isApiKey, PLAN_IDS, REGIONS } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import * as v from "valibot"
import { PROVIDER_ID } from "../messages.ts"

/** OpenCode's server is in the same process; it answers at once or is going down. */
const HOST_TIMEOUT_MS = 2_000

/** As strict as our file is: what is taken from the record goes into it, and into a header. */
const VisibleAscii = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/))

/**
 * OpenCode's own record of a sign-in with a Qwen account. It has no field for the token's resource URL and drops fields it does
 * not know, so `enterpriseUrl`, which it keeps, carries it.
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

/** The record of a key that this plugin put there: the metadata says where it belongs, or that nobody could tell yet. */
const KeyEntry = v.object({
  type: v.literal("api"),
  key: v.pipe(v.string(), v.check(isApiKey)),
  metadata: v.union([
    v.object({ qwenAuth: v.literal("resolved"), plan: PlanName, region: RegionName, baseUrl: VisibleAscii }),
    v.object({ qwenAuth: v.literal("unresolved"), plan: v.optional(PlanName), region: v.optional(RegionName) }),
  ]),
})

/** What OpenCode's record for the provider holds. `other`: what this plugin did not put there, a key for example. */
export type HostRecord =
  | { readonly kind: "none" }
  | { readonly kind: "account"; readonly credential: OAuthCredential }
  | { readonly kind: "key"; readonly key: StoredKey }
  | { readonly kind: "other" }

/** OpenCode's record as it was read. */
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
  const { qwenAuth, ...where } = metadata
  return "baseUrl" in where ? { apiKey, endpoint: where } : { apiKey, hint: where }
}

/** The record's fields for a Qwen account. */
export function accountEntry(credential: OAuthCredential) {
  const { accessToken, refreshToken, expiresAt, resourceUrl } = credential
  return {
    access: accessToken,
    refresh: refreshToken,
    expires: expiresAt,
    ...(resourceUrl === undefined ? {} : { enterpriseUrl: resourceUrl }),
  }
}

/** The record's fields for an API key at its place. */
export function keyEntry({ apiKey, plan, region, baseUrl }: ApiKeyCredential) {
  return { key: apiKey, metadata: { qwenAuth: "resolved", plan, region, baseUrl } }
}

/** The record's fields for an API key whose place is still to be found out. */
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
 * Puts a renewed credential into OpenCode's record, so that it never holds a dead token. After a sign-out, with a key in its
 * place, or with a newer sign-in, the record is no longer ours to write.
 * @param present OpenCode's record as it is now
 * @param replaced the credential that the renewed one replaced
 * @throws what OpenCode's client throws
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
 * Whether someone signed in after a renewal of `replaced` began. A record that ends earlier than `replaced` only lags behind:
 * a renewal before did not reach it, or Qwen Code made it.
 */
function isNewer(recorded: OAuthCredential, replaced: OAuthCredential): boolean {
  return recorded.accessToken !== replaced.accessToken && recorded.expiresAt >= replaced.expiresAt
}
