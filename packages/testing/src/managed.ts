import type { OAuthCredential } from "qwen-auth-core"
import { CredentialManager, type CredentialManagerOptions } from "qwen-auth-core/internal"
import { type FakePlatformOptions, fakePlatform, type Reply, START } from "./fake-platform.ts"
import { memoryStore } from "./memory-store.ts"
import { json } from "./replies.ts"
import { credential, DEAD_REFRESH_TOKEN, SERVER, TOKENS } from "./samples.ts"

/** A stored credential that expires in `leftMs`. */
export const expiring = (leftMs: number) => credential({ expiresAt: START + leftMs })

/** The reply to a refresh, with `access-<n>` and `refresh-<n>`. */
export const renewal = (n: number, fields: Record<string, unknown> = {}, headers: Record<string, string> = {}): Reply =>
  json({ ...TOKENS, access_token: `access-${n}`, refresh_token: `refresh-${n}`, ...fields }, 200, headers)

/** The reply to a refresh token that is no longer valid. */
export const refusal = json(DEAD_REFRESH_TOKEN, 400)

/** The credential that another process stored by a sign-in or a refresh. */
export const another = (fields: Partial<OAuthCredential> = {}) =>
  credential({ accessToken: "access-of-another", refreshToken: "refresh-of-another", ...fields })

interface ManagedOptions extends FakePlatformOptions {
  refusalGraceMs?: number
  stored?: OAuthCredential | undefined
  publish?: CredentialManagerOptions["publish"]
}

/** A manager over a store in memory. Only the test advances the clock, unless `autoAdvance` is set. */
export function managed(options: ManagedOptions = {}) {
  const platform = fakePlatform({ autoAdvance: false, ...options })
  const store = Object.assign(memoryStore(options.stored), { refusalGraceMs: options.refusalGraceMs })
  const published: OAuthCredential[] = []
  const publish = async (refreshed: OAuthCredential, replaced: OAuthCredential) => {
    published.push(refreshed)
    await options.publish?.(refreshed, replaced)
  }
  const manager = new CredentialManager({ platform, server: SERVER, store, publish })
  return {
    platform,
    store,
    published,
    manager,
    warnings: () => platform.logged.filter(({ level }) => level === "warn").map(({ message }) => message),
    refreshTokens: () => platform.requests.map(({ form }) => form["refresh_token"]),
  }
}
