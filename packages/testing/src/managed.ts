import type { OAuthCredential } from "qwen-auth-core"
import { CredentialManager, type CredentialManagerOptions } from "qwen-auth-core/internal"
import { type FakeWorldOptions, fakePlatform, type Reply, START } from "./fake-platform.ts"
import { memoryStore } from "./memory-store.ts"
import { json } from "./replies.ts"
import { credential, DEAD_REFRESH_TOKEN, SERVER, TOKENS } from "./samples.ts"

/** A stored credential with so much left of it. */
export const expiring = (leftMs: number) => credential({ expiresAt: START + leftMs })

/** The answer to the refresh that gives `access-<n>` and `refresh-<n>`. */
export const renewal = (n: number, fields: Record<string, unknown> = {}, headers: Record<string, string> = {}): Reply =>
  json({ ...TOKENS, access_token: `access-${n}`, refresh_token: `refresh-${n}`, ...fields }, 200, headers)

/** The answer to a refresh token that is dead. */
export const refusal = json(DEAD_REFRESH_TOKEN, 400)

/** What another process has signed in with or renewed to. */
export const another = (fields: Partial<OAuthCredential> = {}) =>
  credential({ accessToken: "access-of-another", refreshToken: "refresh-of-another", ...fields })

export interface ManagedOptions extends FakeWorldOptions {
  refusalGraceMs?: number
  stored?: OAuthCredential
  publish?: CredentialManagerOptions["publish"]
}

/** A manager over a store in memory. The clock moves only when the test says so, unless `autoAdvance`. */
export function managed(options: ManagedOptions = {}) {
  const platform = fakePlatform({ autoAdvance: false, ...options })
  const store = Object.assign(memoryStore(options.stored), { refusalGraceMs: options.refusalGraceMs })
  const published: OAuthCredential[] = []
  const publish = async (renewed: OAuthCredential, replaced: OAuthCredential) => {
    published.push(renewed)
    await options.publish?.(renewed, replaced)
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
