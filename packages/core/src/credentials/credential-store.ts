import type { QwenAuthError } from "../errors.ts"
import type { Credential } from "./credential.ts"

/** The content of a store. `problem`: why the stored data cannot be used; absent when nothing is stored. */
export type Stored<C extends Credential = Credential> =
  | {
      readonly credential: C
      readonly problem?: undefined
      /** The ids of the refresh tokens that were exchanged for this one since the sign-in, see {@link tokenId}. */
      readonly formerTokens?: readonly string[] | undefined
    }
  | { readonly credential?: undefined; readonly problem?: QwenAuthError; readonly formerTokens?: undefined }

/** Keeps a credential between runs, for example in a file, in a host's secret storage or in memory. */
export interface CredentialStore {
  /** Reads the stored credential. Never throws: unreadable data is returned as `problem`. */
  read(): Promise<Stored>
  /** Removes the stored credential. @throws QwenAuthError `credential_not_stored` */
  clear(): Promise<void>
  /** How long after a refused refresh another program may still store a new credential here, ms. Default: 0. */
  readonly refusalGraceMs?: number | undefined
  /**
   * Runs `task` while this process holds the store's lock. A credential may only be replaced under the lock.
   * @param skipIf called while waiting for the lock; when it returns a value other than undefined, that value is the
   *   result and `task` does not run
   * @throws QwenAuthError `credential_locked`: the lock was not released in a bounded time; also any error of `task`
   */
  withLock<T>(task: (lock: LockedStore) => Promise<T>, skipIf?: () => Promise<T | undefined>): Promise<T>
}

/**
 * Outcome of a write. `lost`: another process took over the lock and nothing was written. `superseded`: another
 * program has stored a newer credential in the meantime, which is kept.
 */
export type WriteOutcome = "stored" | "superseded" | "lost"

/** A store while this process holds its lock. */
export interface LockedStore {
  /** Returns false when another process took over the lock because this process was suspended. */
  isHeld(): Promise<boolean>
  /**
   * Reserves space for a credential before the refresh request. The server invalidates the old refresh token when it
   * responds, so the write after it should not fail.
   * @throws QwenAuthError `credential_not_stored`
   */
  reserveSpace(): Promise<void>
  /**
   * Replaces the stored credential atomically.
   * @param formerTokens stored with a refreshed credential, so that others who hold an older token of the same sign-in
   *   find it; a new sign-in has none
   * @throws QwenAuthError `credential_not_stored`
   */
  write(credential: Credential, formerTokens?: readonly string[]): Promise<WriteOutcome>
}
