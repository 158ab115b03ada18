import type { PluginInput } from "@opencode-ai/plugin"
import type { ApiEndpoint, OAuthCredential } from "qwen-auth-core"
import { fieldsOf, isApiKey } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { parseKeyMetadata } from "../../shared/key-metadata.ts"
import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import { isVisibleAscii } from "../../shared/visible-ascii.ts"
import { HOST_TIMEOUT_MS } from "./host-timeout.ts"

/**
 * The content of OpenCode's record for the provider. `other`: anything that this plugin did not store, such as
 * OpenCode's own key.
 */
export type HostRecord =
  | { readonly kind: "none" }
  | { readonly kind: "account"; readonly credential: OAuthCredential }
  | { readonly kind: "key"; readonly key: StoredKey }
  | { readonly kind: "other" }

/** Parses OpenCode's record. By hand, because this is a part of OpenCode's start. */
export function parseHostRecord(entry: unknown): HostRecord {
  if (entry === undefined || entry === null) return { kind: "none" }
  const fields = fieldsOf(entry) ?? {}
  const credential = fields["type"] === "oauth" ? parseAccount(fields) : undefined
  if (credential !== undefined) return { kind: "account", credential }
  const key = fields["type"] === "api" ? parseKey(fields) : undefined
  return key === undefined ? { kind: "other" } : { kind: "key", key }
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Parses the record of a sign-in with a Qwen account. It has no field for the token's resource URL and OpenCode drops
 * unknown fields, so the URL is stored in `enterpriseUrl`.
 */
function parseAccount({ access, refresh, expires, enterpriseUrl }: Fields): OAuthCredential | undefined {
  if (!isVisibleAscii(access) || !isVisibleAscii(refresh)) return undefined
  if (typeof expires !== "number" || !Number.isSafeInteger(expires) || expires < 0) return undefined
  const resourceUrl = isVisibleAscii(enterpriseUrl) ? enterpriseUrl : undefined
  return { type: "oauth", accessToken: access, refreshToken: refresh, expiresAt: expires, resourceUrl }
}

/** Parses a key that this plugin stored. */
function parseKey({ key: apiKey, metadata }: Fields): StoredKey | undefined {
  if (typeof apiKey !== "string" || !isApiKey(apiKey)) return undefined
  const known = parseKeyMetadata(metadata)
  return known && { apiKey, ...known }
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
export function keyEntry({ apiKey, plan, region, baseUrl }: ApiEndpoint & Pick<StoredKey, "apiKey">) {
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
