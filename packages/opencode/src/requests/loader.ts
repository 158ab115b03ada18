import { DEFAULT_API_BASE_URL, type Fetch, type Logger } from "qwen-auth-core"
import { readHostEntry } from "./host-entry.ts"

/**
 * What OpenCode gives its SDK for this provider when a Qwen account is signed in; nothing when the record is of another
 * kind, so that OpenCode's own key method stays as it was. Never throws: a throwing loader takes every provider down.
 */
export async function requestLoader(
  entry: () => Promise<unknown>,
  qwenFetch: Fetch,
  log: Logger,
): Promise<Record<string, unknown>> {
  try {
    if (readHostEntry(await entry()) === undefined) return {}
  } catch (error) {
    log.error("OpenCode's record of the sign-in could not be read.", { error })
    return {}
  }
  // The fetch decides where requests go; this only has to be an address of the right shape.
  return { apiKey: "", baseURL: DEFAULT_API_BASE_URL, fetch: qwenFetch }
}
