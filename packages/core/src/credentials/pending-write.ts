import { QwenAuthError } from "../errors.ts"
import type { Platform } from "../platform.ts"
import { type Credential, secretOf } from "./credential.ts"
import type { CredentialStore, LockedStore, Stored, WriteOutcome } from "./credential-store.ts"

/** Interval between attempts to store, ms. */
const NEXT_ATTEMPT_MS = 30_000

/**
 * Keeps a credential that could not be stored yet, because the disk was full or the lock was lost. This process uses
 * it while the store still contains the credential that it replaces, and stores it as soon as possible. A credential
 * that another process stored in the meantime has precedence.
 */
export class PendingWrite {
  readonly #platform: Platform
  readonly #store: CredentialStore
  #pending:
    | {
        readonly credential: Credential
        readonly replaces: Credential | undefined
        readonly formerTokens: readonly string[] | undefined
      }
    | undefined
  #nextAttemptAt = 0

  constructor({ platform, store }: { readonly platform: Platform; readonly store: CredentialStore }) {
    this.#platform = platform
    this.#store = store
  }

  /**
   * Stores a credential. Keeps it until it is stored or the store has a newer one.
   * @param replaces the stored credential that it replaces
   * @param formerTokens stored with it, see {@link LockedStore.write}
   * @throws the error of the store; the credential then stays pending
   */
  async writeThrough(
    lock: LockedStore,
    credential: Credential,
    replaces: Credential | undefined,
    formerTokens?: readonly string[],
  ): Promise<WriteOutcome> {
    this.set(credential, replaces, formerTokens)
    const outcome = await lock.write(credential, formerTokens)
    if (outcome !== "lost") this.#pending = undefined
    return outcome
  }

  /** Keeps a credential that could not be stored. */
  set(credential: Credential, replaces: Credential | undefined, formerTokens?: readonly string[]): void {
    // After several refreshes that could not be stored, the store still contains what the first one replaced.
    const first =
      this.#pending !== undefined && this.#pending.credential === replaces ? this.#pending.replaces : replaces
    this.#pending = { credential, replaces: first, formerTokens }
    this.#nextAttemptAt = this.#platform.now() + NEXT_ATTEMPT_MS
  }

  /** Discards the pending credential, because the user signed out. */
  clear(): void {
    this.#pending = undefined
  }

  /**
   * Returns the credential to use after a read of the store. Also retries to store the pending credential when that is
   * due.
   */
  overlay(stored: Stored): Stored {
    const pending = this.#pending
    if (pending === undefined) return stored
    // A host's own record, which a store may read first, can contain the pending credential before the file does.
    if (!holds(stored, pending.replaces) && !holds(stored, pending.credential)) {
      this.#pending = undefined
      return stored
    }
    const leftMs = this.#nextAttemptAt - this.#platform.now()
    // A longer wait than was ever set means that the clock was set back.
    if (leftMs <= 0 || leftMs > NEXT_ATTEMPT_MS) this.#storeInBackground()
    return { credential: pending.credential, formerTokens: pending.formerTokens }
  }

  /** Tries to store the pending credential in the background. */
  #storeInBackground(): void {
    this.#nextAttemptAt = this.#platform.now() + NEXT_ATTEMPT_MS
    this.flush().catch((error: unknown) => {
      this.#platform.log.warn("The sign-in still could not be stored; only this process can use it.", {
        why: QwenAuthError.isInstance(error) ? error.message : error,
      })
    })
  }

  /**
   * Locks the store and stores the pending credential, unless another process has replaced the stored one.
   * @throws the error of the store; the credential then stays pending
   */
  async flush(): Promise<WriteOutcome> {
    return this.#store.withLock(async (lock) => {
      const pending = this.#pending
      if (pending === undefined) return "superseded"
      const stored = await this.#store.read()
      const wanted = holds(stored, pending.replaces) || holds(stored, pending.credential)
      const outcome = wanted ? await lock.write(pending.credential, pending.formerTokens) : "superseded"
      if (outcome !== "lost") this.#pending = undefined
      return outcome
    })
  }
}

/** Returns true when the store contains this credential, or nothing when `credential` is undefined. */
function holds(stored: Stored, credential: Credential | undefined): boolean {
  if (stored.credential === undefined || credential === undefined) return stored.credential === credential
  return secretOf(stored.credential) === secretOf(credential)
}
