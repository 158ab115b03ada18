import { join } from "node:path"
import type { Platform } from "qwen-auth-core"
import { type KeyEndpointCache, keyEndpointCache } from "./key-endpoint-cache.ts"
import { type ModelLists, modelLists } from "./model-list-cache.ts"
import type { Settings } from "./settings.ts"

/** What is cached about API keys between starts. */
export interface KeyCaches {
  readonly endpoints: KeyEndpointCache
  readonly lists: ModelLists
}

/** Returns the caches in the folder of the settings. No file is read before the first use. */
export function keyCaches(settings: Pick<Settings, "cacheFolder">, platform: Platform): KeyCaches {
  const { log, now } = platform
  return {
    endpoints: keyEndpointCache(join(settings.cacheFolder, "qwen-key-endpoints.json"), log),
    lists: modelLists(join(settings.cacheFolder, "qwen-models.json"), now, log),
  }
}
