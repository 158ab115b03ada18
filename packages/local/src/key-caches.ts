import { join } from "node:path"
import type { Platform } from "qwen-auth-core"
import { type KeyEndpointCache, keyEndpointCache } from "./key-endpoint-cache.ts"
import { type ModelListCache, modelListCache } from "./model-list-cache.ts"
import type { Paths } from "./paths.ts"

/** What is cached about API keys between starts. */
export interface KeyCaches {
  readonly endpoints: KeyEndpointCache
  readonly lists: ModelListCache
}

/** Returns the caches in their folder. No file is read before the first use. */
export function keyCaches({ cacheFolder }: Pick<Paths, "cacheFolder">, platform: Platform): KeyCaches {
  const { log, now } = platform
  return {
    endpoints: keyEndpointCache(join(cacheFolder, "qwen-key-endpoints.json"), log),
    lists: modelListCache(join(cacheFolder, "qwen-models.json"), now, log),
  }
}
