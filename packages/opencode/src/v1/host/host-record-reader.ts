import type { Platform } from "qwen-auth-core"
import { readHostSignIn } from "../../shared/read-host-sign-in.ts"
import { type HostRecord, parseHostRecord } from "./host-record.ts"
import { HOST_TIMEOUT_MS } from "./host-timeout.ts"

/**
 * Delay before an empty record is read again, ms. OpenCode writes its file in place, so it can look empty for a moment.
 */
const REREAD_MS = 100

/** The sign-in with which OpenCode loaded the provider. */
export interface LoadedSignIn {
  /** Reads OpenCode's record. OpenCode passes this function to the loader; absent before it has loaded the provider. */
  readEntry?: () => Promise<unknown>
}

/**
 * Reads OpenCode's current record of the sign-in; undefined before OpenCode has loaded the provider.
 * @throws QwenAuthError `service_unreachable` when OpenCode does not respond in time; OpenCode's own errors
 */
export type HostRecordReader = () => Promise<HostRecord | undefined>

/** Returns the reader of OpenCode's record. */
export function hostRecordReader(platform: Platform, loaded: LoadedSignIn): HostRecordReader {
  return async () => {
    const { readEntry } = loaded
    if (readEntry === undefined) return undefined
    const read = async () => parseHostRecord(await readHostSignIn(platform, HOST_TIMEOUT_MS, readEntry))
    const record = await read()
    if (record.kind !== "none") return record
    await platform.sleep(REREAD_MS)
    return read()
  }
}
