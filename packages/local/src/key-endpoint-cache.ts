import { createHash } from "node:crypto"
import type { ApiEndpoint, Logger } from "qwen-auth-core"
import { isAllowedApiUrl, PLAN_IDS, REGIONS } from "qwen-auth-core/internal"
import * as v from "valibot"
import { jsonCache } from "./json-cache.ts"

const Endpoint = v.object({
  plan: v.picklist(PLAN_IDS),
  region: v.picklist(REGIONS),
  baseUrl: v.pipe(
    v.string(),
    v.check((url) => URL.canParse(url) && isAllowedApiUrl(new URL(url))),
  ),
})

/** Caches the detected endpoints of keys, so that not every start asks the service. */
export interface KeyEndpointCache {
  find(apiKey: string): Promise<ApiEndpoint | undefined>
  /** Stores an endpoint. A failure is only a debug message. */
  remember(apiKey: string, endpoint: ApiEndpoint): Promise<void>
}

/** @param path absolute path of the cache file. It contains digests of keys, never a key. */
export function keyEndpointCache(path: string, log: Logger): KeyEndpointCache {
  const cache = jsonCache<ApiEndpoint>(path, Endpoint, log)
  return {
    find: (apiKey) => cache.get(fingerprint(apiKey)),
    remember: (apiKey, { plan, region, baseUrl }) => cache.set(fingerprint(apiKey), { plan, region, baseUrl }),
  }
}

/** Keys are long and random, so a digest does not reveal the key. */
function fingerprint(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("hex").slice(0, 32)
}
