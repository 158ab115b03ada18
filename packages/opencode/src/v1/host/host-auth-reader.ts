import { type Platform, QwenAuthError } from "qwen-auth-core"
import { NoAnswerError, withTimeout } from "qwen-auth-core/internal"
import { type HostRecord, hostRecord } from "./host-record.ts"

/** OpenCode's server is in the same process; it answers at once or is going down. */
const ANSWER_MS = 2_000
/** OpenCode replaces its file in place: for a moment it can look empty. */
const SECOND_LOOK_MS = 100

/** How OpenCode's own record is read: it hands that over when it loads the provider, which it does only if there is a record. */
export class HostAuthReader {
  readonly #platform: Platform
  #entry: (() => Promise<unknown>) | undefined

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** True once OpenCode has loaded the provider with a record. */
  get loaded(): boolean {
    return this.#entry !== undefined
  }

  /** @param entry as OpenCode gives it to the loader */
  connect(entry: () => Promise<unknown>): void {
    this.#entry = entry
  }

  /**
   * The record as it is now; undefined before OpenCode has loaded the provider.
   * @throws what OpenCode throws, and QwenAuthError `service_unreachable` when it does not answer
   */
  async record(): Promise<HostRecord | undefined> {
    const entry = this.#entry
    if (entry === undefined) return undefined
    const record = hostRecord(await this.#bounded(entry))
    if (record.kind !== "none") return record
    await this.#platform.sleep(SECOND_LOOK_MS)
    return hostRecord(await this.#bounded(entry))
  }

  async #bounded(entry: () => Promise<unknown>): Promise<unknown> {
    try {
      return await withTimeout(this.#platform, ANSWER_MS, entry)
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error
      throw new QwenAuthError("service_unreachable", "OpenCode did not return its stored sign-in in time.")
    }
  }
}
