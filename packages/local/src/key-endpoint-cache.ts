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

/** The endpoints where keys were found to belong, so that each start does not ask the service again. */
export interface KeyEndpointCache {
  find(apiKey: string): Promise<ApiEndpoint | undefined>
  /** Remembers an endpoint. A failure is a debug message. */
  remember(apiKey: string, endpoint: ApiEndpoint): Promise<void>
}

/** @param path absolute path of a file that holds digests of keys, never a key */
export function keyEndpointCache(path: string, log: Logger): KeyEndpointCache {
  const cache = jsonCache<ApiEndpoint>(path, Endpoint, log)
  return {
    find: (apiKey) => cache.get(fingerprint(apiKey)),
    remember: (apiKey, { plan, region, baseUrl }) => cache.set(fingerprint(apiKey), { plan, region, baseUrl }),
  }
}

/** Keys are long and random, so their digest reveals nothing. */
function fingerprint(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("hex").slice(0, 32)
}
