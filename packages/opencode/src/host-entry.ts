import type { PluginInput } from "@opencode-ai/plugin"
import type { OAuthCredential } from "qwen-auth-core"
import * as v from "valibot"
import { PROVIDER_ID } from "./words.ts"

/** OpenCode's server is in the same process; it answers at once or is going down. */
const HOST_TIMEOUT_MS = 2_000

/** As strict as our file is: what is taken from the record goes into it, and into a header. */
const VisibleAscii = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/))

/**
 * OpenCode's own record of a sign-in. It has no field for the token's resource URL and drops fields it does not know, so
 * `enterpriseUrl`, which it keeps, carries it.
 */
const Entry = v.object({
  type: v.literal("oauth"),
  access: VisibleAscii,
  refresh: VisibleAscii,
  expires: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  enterpriseUrl: v.fallback(v.optional(VisibleAscii), undefined),
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
 * Puts a renewed credential into OpenCode's record, so that it never holds a dead token. After a sign-out, or with a key in
 * its place, the record is no longer ours to write.
 * @param present OpenCode's record as it is now
 * @throws what OpenCode's client throws
 */
export async function publishToHost(
  client: Pick<PluginInput["client"], "auth">,
  present: unknown,
  credential: OAuthCredential,
): Promise<void> {
  if (readHostEntry(present) === undefined) return
  await client.auth.set({
    path: { id: PROVIDER_ID },
    body: { type: "oauth", ...hostEntry(credential) },
    signal: AbortSignal.timeout(HOST_TIMEOUT_MS),
    throwOnError: true,
  })
}
