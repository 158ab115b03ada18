import { QwenAuthError } from "../errors.ts"
import type { Platform } from "../platform.ts"
import { type Credential, secretOf } from "./credential.ts"
import type { CredentialStore, Stored, WriteOutcome } from "./credential-store.ts"

/** The time between two attempts to store, ms. */
const NEXT_ATTEMPT_MS = 30_000

/**
 * A credential that is not in the store (yet): the disk was full, or the turn was lost. It serves this process as long as the
 * store holds what it replaces, and is stored as soon as that is possible. What others stored meanwhile wins.
 */
export class PendingWrite {
  readonly #platform: Platform
  readonly #store: CredentialStore
  #pending: { readonly credential: Credential; readonly replaces: Credential | undefined } | undefined
  #nextAttemptAt = 0

  constructor({ platform, store }: { readonly platform: Platform; readonly store: CredentialStore }) {
    this.#platform = platform
    this.#store = store
  }

  /**
   * Keeps a credential until `write` has stored it, or found a newer one.
   * @param replaces what the store holds before
   * @throws what `write` throws; the credential is then kept
   */
  async writeThrough(
    credential: Credential,
    replaces: Credential | undefined,
    write: () => Promise<WriteOutcome>,
  ): Promise<WriteOutcome> {
    this.set(credential, replaces)
    const outcome = await write()
    if (outcome !== "lost") this.#pending = undefined
    return outcome
  }

  /** Keeps a credential that could not be stored in place of what the store holds. */
  set(credential: Credential, replaces: Credential | undefined): void {
    // In a row of renewals that could not be stored, the store still holds what the first replaced.
    const first =
      this.#pending !== undefined && this.#pending.credential === replaces ? this.#pending.replaces : replaces
    this.#pending = { credential, replaces: first }
    this.#nextAttemptAt = this.#platform.now() + NEXT_ATTEMPT_MS
  }

  /** Forgets what is kept: the person signed out. */
  clear(): void {
    this.#pending = undefined
  }

  /** What to use in place of what was read from the store; also the moment to try again to store. */
  overlay(stored: Stored): Stored {
    const kept = this.#pending
    if (kept === undefined) return stored
    // A host's own record, read in place of the file, can know of the kept one before the file does.
    if (!holds(stored, kept.replaces) && !holds(stored, kept.credential)) {
      this.#pending = undefined
      return stored
    }
    const leftMs = this.#nextAttemptAt - this.#platform.now()
    // More than was ever set: the clock went back.
    if (leftMs <= 0 || leftMs > NEXT_ATTEMPT_MS) this.#storeUnattended()
    return { credential: kept.credential }
  }

  /** Tries to store without anyone waiting for it. */
  #storeUnattended(): void {
    this.#nextAttemptAt = this.#platform.now() + NEXT_ATTEMPT_MS
    this.flush().catch((error: unknown) => {
      this.#platform.log.warn("The sign-in still could not be stored; only this process can use it.", {
        why: QwenAuthError.isInstance(error) ? error.message : error,
      })
    })
  }

  /**
   * Tries to store what is kept, in a turn of its own: there it shows whether that is still wanted.
   * @throws what the store throws; the credential is then kept on
   */
  async flush(): Promise<WriteOutcome> {
    return this.#store.withLock(async (lock) => {
      const kept = this.#pending
      if (kept === undefined) return "superseded"
      const stored = await this.#store.read()
      const wanted = holds(stored, kept.replaces) || holds(stored, kept.credential)
      const outcome = wanted ? await lock.write(kept.credential) : "superseded"
      if (outcome !== "lost") this.#pending = undefined
      return outcome
    })
  }
}

/** Whether the store still holds a certain credential, or nothing where that was nothing. */
function holds(stored: Stored, credential: Credential | undefined): boolean {
  if (stored.credential === undefined || credential === undefined) return stored.credential === credential
  return secretOf(stored.credential) === secretOf(credential)
}
