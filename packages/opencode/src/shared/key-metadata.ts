import { fieldsOf, PLAN_IDS, REGIONS } from "qwen-auth-core/internal"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { isVisibleAscii } from "./visible-ascii.ts"

/**
 * Parses the metadata that this plugin stores beside a key in OpenCode 1: the key's endpoint, or a hint until the endpoint
 * is detected. By hand, because this is a part of OpenCode's start.
 * @returns undefined for any other metadata
 */
export function parseKeyMetadata(metadata: unknown): Omit<StoredKey, "apiKey"> | undefined {
  const { qwenAuth, baseUrl, plan: planName, region: regionName } = fieldsOf(metadata) ?? {}
  const plan = PLAN_IDS.find((id) => id === planName)
  const region = REGIONS.find((id) => id === regionName)
  if (qwenAuth === "resolved") {
    const complete = plan !== undefined && region !== undefined && isVisibleAscii(baseUrl)
    return complete ? { endpoint: { plan, region, baseUrl } } : undefined
  }
  if (qwenAuth !== "unresolved" || plan !== planName || region !== regionName) return undefined
  return { hint: { plan, region } }
}
