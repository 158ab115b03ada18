import { DEFAULT_API_BASE_URL, type Fetch, type Logger } from "qwen-auth-core"
import { type HostRecord, hostRecord } from "../host/host-record.ts"

/** What OpenCode's SDK for the provider is told, beside its own. */
export type SdkOptions = Record<string, unknown>

/**
 * What OpenCode gives its SDK for this provider; nothing when the record is not this plugin's, so that OpenCode's own key method
 * stays as it was. Never throws: a throwing loader takes every provider down.
 */
export async function requestLoader(
  entry: () => Promise<unknown>,
  log: Logger,
  optionsFor: (kind: HostRecord["kind"]) => SdkOptions,
): Promise<SdkOptions> {
  try {
    return optionsFor(hostRecord(await entry()).kind)
  } catch (error) {
    log.error("OpenCode's record of the sign-in could not be read.", { error })
    return {}
  }
}

/** The options with which a fetch of ours decides everything: whatever address and key the SDK knows, they are not used. */
export function throughFetch(fetch: Fetch): SdkOptions {
  return { apiKey: "", baseURL: DEFAULT_API_BASE_URL, fetch }
}
