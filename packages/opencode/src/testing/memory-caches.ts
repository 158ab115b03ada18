import type { PlanSite } from "qwen-auth-core"
import type { KeyPlaces } from "../credentials/key-places.ts"
import type { ModelLists } from "../models/model-lists.ts"

/** Places of keys in memory. */
export function memoryPlaces(known: Readonly<Record<string, PlanSite>> = {}) {
  const held = new Map(Object.entries(known))
  const places: KeyPlaces = {
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
