import { type Platform, QwenAuthError } from "qwen-auth-core"
import { NoAnswerError, withTimeout } from "qwen-auth-core/internal"
import { type HostRecord, hostRecord } from "./host-record.ts"

/** OpenCode's server runs in the same process, so a slow response means that it is shutting down. */
const TIMEOUT_MS = 2_000
/**
 * Delay before an empty record is read again, ms. OpenCode writes its file in place, so it can look empty for a moment.
 */
const REREAD_MS = 100

/** The sign-in with which OpenCode loaded the provider. */
export interface LoadedSignIn {
  /** Reads OpenCode's record. OpenCode passes this function to the loader; absent before it has loaded the provider. */
  entry?: () => Promise<unknown>
}

/** Reads OpenCode's own record of the sign-in. */
export class HostAuthReader {
  readonly #platform: Platform
  readonly #loaded: LoadedSignIn

  constructor(platform: Platform, loaded: LoadedSignIn) {
    this.#platform = platform
    this.#loaded = loaded
  }

  /**
   * Reads the current record; undefined before OpenCode has loaded the provider.
   * @throws QwenAuthError `service_unreachable` when OpenCode does not respond in time; OpenCode's own errors
   */
  async record(): Promise<HostRecord | undefined> {
    const { entry } = this.#loaded
    if (entry === undefined) return undefined
    const record = hostRecord(await this.#bounded(entry))
    if (record.kind !== "none") return record
    await this.#platform.sleep(REREAD_MS)
    return hostRecord(await this.#bounded(entry))
  }

  async #bounded(entry: () => Promise<unknown>): Promise<unknown> {
    try {
      return await withTimeout(this.#platform, TIMEOUT_MS, entry)
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error
      throw new QwenAuthError("service_unreachable", "OpenCode did not return its stored sign-in in time.")
    }
  }
}
