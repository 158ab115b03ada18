import type { ApiEndpoint } from "qwen-auth-core"
import type { KeyEndpointCache } from "qwen-auth-local/key-endpoint-cache"
import type { ModelLists } from "qwen-auth-local/model-list-cache"

/** Places of keys in memory. */
export function memoryEndpoints(known: Readonly<Record<string, ApiEndpoint>> = {}) {
  const held = new Map(Object.entries(known))
  const places: KeyEndpointCache = {
    find: async (apiKey) => held.get(apiKey),
    remember: async (apiKey, site) => void held.set(apiKey, site),
  }
  return { ...places, held }
}

/** Lists of models in memory, by the API's address; all of them as old as the test says. */
export function memoryLists(known: Readonly<Record<string, readonly string[]>> = {}, stale = false) {
  const held = new Map(Object.entries(known))
  const lists: ModelLists = {
    find: async (baseUrl) => ({ ids: held.get(baseUrl), stale: stale || !held.has(baseUrl) }),
    keep: async (baseUrl, ids) => void held.set(baseUrl, ids),
  }
  return { ...lists, held }
}
