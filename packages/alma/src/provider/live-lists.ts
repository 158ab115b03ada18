import type { PlanId, Platform } from "qwen-auth-core"
import { fieldsOf, isModelId, listOf, PLAN_IDS, withTimeout } from "qwen-auth-core/internal"
import type { AlmaStorage } from "../host.ts"

const KEY = "models"
/** Alma asks for the models at its start and waits for the answer, ms. */
const ANSWER_MS = 1_000
const MAX_IDS = 1_000

/** The ids that the service listed for the keys of each plan. */
export type LiveLists = Partial<Record<PlanId, readonly string[]>>

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
        known = { ...parseLists(stored), ...known }
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

/** Values that are no lists, and items that are no ids, are left out. */
function parseLists(stored: unknown): LiveLists {
  const lists = fieldsOf(stored) ?? {}
  return Object.fromEntries(PLAN_IDS.map((plan) => [plan, listOf(lists[plan]).slice(0, MAX_IDS).filter(isModelId)]))
}
