import type { ApiKeyCredential, Platform } from "qwen-auth-core"
import { type RequestCredentials, resolveKeyEndpoint } from "qwen-auth-core/internal"
import type { KeyEndpointCache } from "./key-endpoint-cache.ts"
import type { ModelLists } from "./model-list-cache.ts"
import type { StoredKey } from "./stored-key.ts"

/** How long what was read is taken as still true, ms. */
const TRUST_MS = 5_000

/** What a key's credentials need. */
export interface KeyCredentialsOptions {
  readonly platform: Platform
  /** The key as it is stored now. */
  readonly stored: () => Promise<StoredKey>
  readonly endpoints: KeyEndpointCache
  /** Where the models go that are learned when a key is located. */
  readonly lists: ModelLists
  /** What is to be said of an error about the key. */
  readonly describeError?: (error: unknown) => unknown
}

/** A stored API key as requests need it: where that is not known yet, it is found out at the first request, once for all. */
export function keyCredentials(options: KeyCredentialsOptions): RequestCredentials {
  const { platform } = options
  let held: { readonly credential: Promise<ApiKeyCredential>; readonly readAt: () => number } | undefined
  const refresh = () => {
    // It is as old as its reading's end: locating a key takes a while, and nobody starts a second time meanwhile.
    let readAt: number | undefined
    const credential = placed(options)
      .catch((error: unknown) => {
        throw options.describeError?.(error) ?? error
      })
      .finally(() => {
        readAt = platform.now()
      })
    held = { credential, readAt: () => readAt ?? platform.now() }
    credential.catch(() => {
      held = undefined
    })
    return credential
  }
  const current = () => {
    const fresh = held !== undefined && Math.abs(platform.now() - held.readAt()) < TRUST_MS
    return fresh && held !== undefined ? held.credential : refresh()
  }
  // A key is never renewed and ends by no clock.
  return { getCredential: current, refresh: current, syncClock: () => {} }
}

async function placed({
  platform,
  stored,
  endpoints: places,
  lists,
}: KeyCredentialsOptions): Promise<ApiKeyCredential> {
  const { apiKey, endpoint: site, hint } = await stored()
  const known = site ?? (await places.find(apiKey))
  if (known !== undefined) return { type: "api_key", apiKey, ...known }
  const found = await resolveKeyEndpoint({ platform, apiKey, hint })
  await places.remember(apiKey, found.credential)
  await lists.keep(found.credential.baseUrl, found.models)
  return found.credential
}
