import type { Logger } from "qwen-auth-core"
import { isModelId } from "qwen-auth-core/internal"
import * as v from "valibot"
import { jsonCache } from "./json-cache.ts"

/** A list older than this is requested again, ms. */
const FRESH_MS = 24 * 60 * 60_000
/** A list older than this is no longer used, ms. */
const USABLE_MS = 30 * FRESH_MS

const List = v.object({ fetchedAt: v.number(), ids: v.array(v.custom<string>(isModelId)) })

/** Caches the model lists of the service between starts. */
export interface ModelListCache {
  /**
   * Returns the model ids for a base URL; undefined if no usable list is cached. `stale`: the list should be requested
   * again.
   */
  find(baseUrl: string): Promise<{ readonly ids: readonly string[] | undefined; readonly stale: boolean }>
  /** Stores a list. A failure is only a debug message. */
  remember(baseUrl: string, ids: readonly string[]): Promise<void>
}

/**
 * @param path absolute path of the cache file
 * @param now returns the time, epoch ms
 */
export function modelListCache(path: string, now: () => number, log: Logger): ModelListCache {
  const cache = jsonCache(path, List, log)
  return {
    async find(baseUrl) {
      const list = await cache.get(baseUrl)
      // A time in the future was stored while the clock was wrong, so it counts as old too.
      const ageMs = list === undefined ? Number.POSITIVE_INFINITY : Math.abs(now() - list.fetchedAt)
      return { ids: ageMs < USABLE_MS ? list?.ids : undefined, stale: ageMs >= FRESH_MS }
    },
    async remember(baseUrl, ids) {
      if (ids.length > 0) await cache.set(baseUrl, { fetchedAt: now(), ids: [...ids] })
    },
  }
}
