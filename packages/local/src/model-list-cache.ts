import type { Logger } from "qwen-auth-core"
import { ModelId } from "qwen-auth-core/internal"
import * as v from "valibot"
import { readJsonFile, writeJsonFile } from "./json-file.ts"

/** A list that is older is asked for anew, ms. */
const FRESH_MS = 24 * 60 * 60_000
/** A list that is older is not believed any more, ms. */
const USABLE_MS = 30 * FRESH_MS

const Lists = v.record(v.string(), v.object({ fetchedAt: v.number(), ids: v.array(ModelId) }))

/** What the service said which models there are, kept between starts. */
export interface ModelLists {
  /** The ids for an API address; undefined when nothing usable is known. `stale`: they should be asked for. */
  find(baseUrl: string): Promise<{ readonly ids: readonly string[] | undefined; readonly stale: boolean }>
  /** Keeps a list; a failure is a debug message, no more. */
  keep(baseUrl: string, ids: readonly string[]): Promise<void>
}

/**
 * @param path absolute path of the cache file
 * @param now epoch ms
 */
export function modelLists(path: string, now: () => number, log: Logger): ModelLists {
  const all = async () => {
    const parsed = v.safeParse(Lists, await readJsonFile(path))
    return parsed.success ? parsed.output : {}
  }
  return {
    async find(baseUrl) {
      const list = (await all())[baseUrl]
      // A time to come is a clock that was wrong: asked anew.
      const ageMs = list === undefined ? Number.POSITIVE_INFINITY : Math.abs(now() - list.fetchedAt)
      return { ids: ageMs < USABLE_MS ? list?.ids : undefined, stale: ageMs >= FRESH_MS }
    },
    async keep(baseUrl, ids) {
      if (ids.length === 0) return
      const lists = { ...(await all()), [baseUrl]: { fetchedAt: now(), ids } }
      await writeJsonFile(path, lists).catch((error: unknown) => {
        log.debug("The list of models could not be kept.", { error })
      })
    },
  }
}
