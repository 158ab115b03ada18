import type { Logger } from "qwen-auth-core"
import { type HostRecord, parseHostRecord } from "../host/host-record.ts"

/** Additional options for OpenCode's SDK of the provider. */
export type SdkOptions = Record<string, unknown>

/**
 * Returns the options for OpenCode's SDK; none if this plugin did not store the record, so that OpenCode's own key
 * method still works. Never throws, because an error in a loader disables every provider.
 */
export async function requestLoader(
  readEntry: () => Promise<unknown>,
  log: Logger,
  optionsFor: (kind: HostRecord["kind"]) => SdkOptions,
): Promise<SdkOptions> {
  try {
    return optionsFor(parseHostRecord(await readEntry()).kind)
  } catch (error) {
    log.error("OpenCode's record of the sign-in could not be read.", { error })
    return {}
  }
}
