import { createHash } from "node:crypto"
import type { ApiEndpoint, Logger } from "qwen-auth-core"
import { isAllowedApiUrl, PLAN_IDS, REGIONS } from "qwen-auth-core/internal"
import * as v from "valibot"
import { readJsonFile, writeJsonFile } from "./json-file.ts"

const Places = v.record(v.string(), v.unknown())
const Place = v.object({
  plan: v.picklist(PLAN_IDS),
  region: v.picklist(REGIONS),
  baseUrl: v.pipe(
    v.string(),
    v.check((url) => URL.canParse(url) && isAllowedApiUrl(new URL(url))),
  ),
})

/** Where keys were found to belong, so that each start does not ask the service again. */
export interface KeyEndpointCache {
  find(apiKey: string): Promise<ApiEndpoint | undefined>
  /** Remembers a place; a failure is a debug message, no more. */
  remember(apiKey: string, site: ApiEndpoint): Promise<void>
}

/** @param path absolute path of a file that holds no key, only what a key is recognised by */
export function keyEndpointCache(path: string, log: Logger): KeyEndpointCache {
  const all = async () => {
    const parsed = v.safeParse(Places, await readJsonFile(path))
    return parsed.success ? parsed.output : {}
  }
  return {
    async find(apiKey) {
      const place = v.safeParse(Place, (await all())[fingerprint(apiKey)])
      return place.success ? place.output : undefined
    },
    async remember(apiKey, { plan, region, baseUrl }) {
      const places = { ...(await all()), [fingerprint(apiKey)]: { plan, region, baseUrl } }
      await writeJsonFile(path, places).catch((error: unknown) => {
        log.debug("Where the API key belongs could not be remembered.", { error })
      })
    },
  }
}

/** Keys are long and random: their digest tells nothing. */
function fingerprint(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("hex").slice(0, 32)
}
