import type { Logger } from "qwen-auth-core"
import { ModelId } from "qwen-auth-core/internal"
import * as v from "valibot"
import { jsonCache } from "./json-cache.ts"

/** An older list is requested again, ms. */
const FRESH_MS = 24 * 60 * 60_000
/** An older list is not used any more, ms. */
const USABLE_MS = 30 * FRESH_MS

const List = v.object({ fetchedAt: v.number(), ids: v.array(ModelId) })

/** The lists of models that the service gave, kept between starts. */
export interface ModelLists {
  /** The ids for a base URL; undefined when nothing usable is known. `stale`: the list should be requested. */
  find(baseUrl: string): Promise<{ readonly ids: readonly string[] | undefined; readonly stale: boolean }>
  /** Keeps a list. A failure is a debug message. */
  keep(baseUrl: string, ids: readonly string[]): Promise<void>
}

/**
 * @param path absolute path of the cache file
 * @param now epoch ms
 */
export function modelLists(path: string, now: () => number, log: Logger): ModelLists {
  const cache = jsonCache(path, List, log)
  return {
    async find(baseUrl) {
      const list = await cache.get(baseUrl)
      // A time in the future comes from a clock that was wrong: the list is requested again.
      const ageMs = list === undefined ? Number.POSITIVE_INFINITY : Math.abs(now() - list.fetchedAt)
      return { ids: ageMs < USABLE_MS ? list?.ids : undefined, stale: ageMs >= FRESH_MS }
    },
    async keep(baseUrl, ids) {
      if (ids.length > 0) await cache.set(baseUrl, { fetchedAt: now(), ids: [...ids] })
    },
  }
}
