import { type ApiKeyCredential, locateKey, type RequestCredentials, type World } from "qwen-auth-core"
import type { ModelLists } from "../models/model-lists.ts"
import type { StoredKey } from "./host-record.ts"
import type { KeyPlaces } from "./key-places.ts"

/** How long what was read is taken as still true, ms. */
const TRUST_MS = 5_000

/** What a key's credentials need. */
export interface KeyCredentialsOptions {
  readonly world: World
  /** The key as it is stored now. */
  readonly stored: () => Promise<StoredKey>
  readonly places: KeyPlaces
  /** Where the models go that are learned when a key is located. */
  readonly lists: ModelLists
  /** What is to be said of an error about the key. */
  readonly told?: (error: unknown) => unknown
}

/** A stored API key as requests need it: where that is not known yet, it is found out at the first request, once for all. */
export function keyCredentials(options: KeyCredentialsOptions): RequestCredentials {
  const { world } = options
  let held: { readonly credential: Promise<ApiKeyCredential>; readonly readAt: () => number } | undefined
  const refresh = () => {
    // It is as old as its reading's end: locating a key takes a while, and nobody starts a second time meanwhile.
    let readAt: number | undefined
    const credential = placed(options)
      .catch((error: unknown) => {
        throw options.told?.(error) ?? error
      })
      .finally(() => {
        readAt = world.now()
      })
    held = { credential, readAt: () => readAt ?? world.now() }
    credential.catch(() => {
      held = undefined
    })
    return credential
  }
  const current = () => {
    const fresh = held !== undefined && Math.abs(world.now() - held.readAt()) < TRUST_MS
    return fresh && held !== undefined ? held.credential : refresh()
  }
  // A key is never renewed and ends by no clock.
  return { current, renew: current, observe: () => {} }
}

async function placed({ world, stored, places, lists }: KeyCredentialsOptions): Promise<ApiKeyCredential> {
  const { apiKey, site, hint } = await stored()
  const known = site ?? (await places.find(apiKey))
  if (known !== undefined) return { type: "api_key", apiKey, ...known }
  const found = await locateKey(world, apiKey, hint)
  await places.remember(apiKey, found.credential)
  await lists.keep(found.credential.baseUrl, found.models)
  return found.credential
}
