import type { Platform } from "qwen-auth-core"
import { ModelId, PLAN_IDS, withTimeout } from "qwen-auth-core/internal"
import * as v from "valibot"
import type { AlmaStorage } from "../host.ts"

const KEY = "models"
/** Alma asks for the models at its start and waits for the answer, ms. */
const ANSWER_MS = 1_000
const MAX_IDS = 1_000

const Lists = v.partial(
  v.object(v.entriesFromList(PLAN_IDS, v.fallback(v.pipe(v.array(ModelId), v.maxLength(MAX_IDS)), []))),
)
/** The ids that the service listed for the keys of each plan. */
export type LiveLists = v.InferOutput<typeof Lists>

/** Keeps the service's lists of models in Alma's storage. Neither method throws: without the storage, the lists are in memory. */
export interface StoredLists {
  read(): Promise<LiveLists>
  save(lists: LiveLists): Promise<void>
}

export function storedLists(platform: Pick<Platform, "setTimeout" | "log">, storage: AlmaStorage): StoredLists {
  let known: LiveLists = {}
  return {
    async read() {
      try {
        const stored = await withTimeout(platform, ANSWER_MS, () => storage.get(KEY))
        known = { ...v.parse(v.fallback(Lists, {}), stored), ...known }
      } catch (error) {
        platform.log.debug("Alma's storage could not be read.", { error })
      }
      return known
    },
    async save(lists) {
      known = { ...(await this.read()), ...lists }
      try {
        await withTimeout(platform, ANSWER_MS, () => storage.set(KEY, known))
      } catch (error) {
        platform.log.warn("The list of models could not be stored.", { error })
      }
    },
  }
}
