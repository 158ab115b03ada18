import type { ApiKeyCredential, Platform } from "qwen-auth-core"
import { type RequestCredentials, resolveKeyEndpoint } from "qwen-auth-core/internal"
import type { KeyEndpointCache } from "./key-endpoint-cache.ts"
import type { ModelListCache } from "./model-list-cache.ts"
import type { StoredKey } from "./stored-key.ts"

/** How long a credential is cached, ms. */
const CACHE_MS = 5_000

/** Options of {@link keyCredentials}. */
export interface KeyCredentialsOptions {
  readonly platform: Platform
  /** Reads the stored key. */
  readonly stored: () => Promise<StoredKey>
  readonly endpoints: KeyEndpointCache
  /** Cache for the model list that is returned while resolving a key. */
  readonly lists: ModelListCache
  /** Returns the host's `User-Agent`, by which the Coding Plan recognises coding agents; undefined if it is not known. */
  readonly hostUserAgent?: () => Promise<string | undefined>
  /** Rewrites an error about the key for the user. */
  readonly describeError?: ((error: unknown) => unknown) | undefined
}

/** Credentials for requests with a stored API key. If its endpoint is not known, the first request detects it. */
export function keyCredentials(options: KeyCredentialsOptions): RequestCredentials {
  const { platform } = options
  let cached: { readonly credential: Promise<ApiKeyCredential>; readonly readAt: () => number } | undefined
  const refresh = () => {
    // The age counts from the end of the read, so that requests made meanwhile share it: resolving a key takes a while.
    let readAt: number | undefined
    const credential = storedCredential(options)
      .catch((error: unknown) => {
        throw options.describeError?.(error) ?? error
      })
      .finally(() => {
        readAt = platform.now()
      })
    cached = { credential, readAt: () => readAt ?? platform.now() }
    credential.catch(() => {
      cached = undefined
    })
    return credential
  }
  const current = () => {
    if (cached === undefined || Math.abs(platform.now() - cached.readAt()) >= CACHE_MS) return refresh()
    return cached.credential
  }
  // A key is never refreshed and does not expire.
  return { getCredential: current, refresh: current, syncClock: () => {} }
}

async function storedCredential(options: KeyCredentialsOptions): Promise<ApiKeyCredential> {
  const { platform, stored, endpoints, lists } = options
  const { apiKey, endpoint, hint } = await stored()
  const known = endpoint ?? (await endpoints.find(apiKey))
  if (known !== undefined) return { type: "api_key", apiKey, ...known }
  const userAgent = await options.hostUserAgent?.()
  const resolved = await resolveKeyEndpoint({ platform, apiKey, hint, userAgent })
  await endpoints.remember(apiKey, resolved.credential)
  await lists.remember(resolved.credential.baseUrl, resolved.models)
  return resolved.credential
}
