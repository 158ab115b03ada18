import type { PluginInput } from "@opencode-ai/plugin"
import type { OAuthCredential } from "qwen-auth-core"
import * as v from "valibot"
import { PROVIDER_ID } from "./words.ts"

/** OpenCode's server is in the same process; it answers at once or is going down. */
const HOST_TIMEOUT_MS = 2_000

/**
 * OpenCode's own record of a sign-in. It has no field for the token's resource URL and drops fields it does not know, so
 * `enterpriseUrl`, which it keeps, carries it.
 */
const Entry = v.object({
  type: v.literal("oauth"),
  access: v.pipe(v.string(), v.minLength(1)),
  refresh: v.pipe(v.string(), v.minLength(1)),
  expires: v.pipe(v.number(), v.integer(), v.minValue(0)),
  enterpriseUrl: v.optional(v.string()),
})

/** The record's fields for a credential. */
export function hostEntry(credential: OAuthCredential) {
  const { accessToken, refreshToken, expiresAt, resourceUrl } = credential
  return {
    access: accessToken,
    refresh: refreshToken,
    expires: expiresAt,
    ...(resourceUrl === undefined ? {} : { enterpriseUrl: resourceUrl }),
  }
}

/** The credential in OpenCode's record, or undefined when there is none or one of another kind. */
export function readHostEntry(entry: unknown): OAuthCredential | undefined {
  const parsed = v.safeParse(Entry, entry)
  if (!parsed.success) return undefined
  const { access, refresh, expires, enterpriseUrl } = parsed.output
  return {
    type: "oauth",
    accessToken: access,
    refreshToken: refresh,
    expiresAt: expires,
    resourceUrl: enterpriseUrl,
  }
}

/**
 * Puts a renewed credential into OpenCode's record, so that it never holds a dead token.
 * @throws what OpenCode's client throws
 */
export async function publishToHost(
  client: Pick<PluginInput["client"], "auth">,
  credential: OAuthCredential,
): Promise<void> {
  await client.auth.set({
    path: { id: PROVIDER_ID },
    body: { type: "oauth", ...hostEntry(credential) },
    signal: AbortSignal.timeout(HOST_TIMEOUT_MS),
    throwOnError: true,
  })
}
