import type { ApiEndpoint } from "qwen-auth-core"
import type { KeyEndpointCache } from "qwen-auth-local/key-endpoint-cache"
import type { ModelLists } from "qwen-auth-local/model-list-cache"

/** A cache of keys' endpoints in memory. */
export function memoryEndpoints(known: Readonly<Record<string, ApiEndpoint>> = {}) {
  const held = new Map(Object.entries(known))
  const cache: KeyEndpointCache = {
    find: async (apiKey) => held.get(apiKey),
    remember: async (apiKey, endpoint) => void held.set(apiKey, endpoint),
  }
  return { ...cache, held }
}

/** A cache of model lists in memory, by base URL. @param stale whether all lists count as stale */
export function memoryLists(known: Readonly<Record<string, readonly string[]>> = {}, stale = false) {
  const held = new Map(Object.entries(known))
  const lists: ModelLists = {
    find: async (baseUrl) => ({ ids: held.get(baseUrl), stale: stale || !held.has(baseUrl) }),
    keep: async (baseUrl, ids) => void held.set(baseUrl, ids),
  }
  return { ...lists, held }
}
