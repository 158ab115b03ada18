import type { ApiEndpoint } from "qwen-auth-core"
import type { KeyEndpointCache } from "qwen-auth-local/key-endpoint-cache"
import type { ModelListCache } from "qwen-auth-local/model-list-cache"

/** A cache of keys' endpoints in memory. */
export function memoryEndpoints(known: Readonly<Record<string, ApiEndpoint>> = {}) {
  const entries = new Map(Object.entries(known))
  const cache: KeyEndpointCache = {
    find: async (apiKey) => entries.get(apiKey),
    remember: async (apiKey, endpoint) => void entries.set(apiKey, endpoint),
  }
  return { ...cache, entries }
}

/** A cache of model lists in memory, by base URL. @param stale whether all lists count as stale */
export function memoryLists(known: Readonly<Record<string, readonly string[]>> = {}, stale = false) {
  const entries = new Map(Object.entries(known))
  const lists: ModelListCache = {
    find: async (baseUrl) => ({ ids: entries.get(baseUrl), stale: stale || !entries.has(baseUrl) }),
    remember: async (baseUrl, ids) => void entries.set(baseUrl, ids),
  }
  return { ...lists, entries }
}
