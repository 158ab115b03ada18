import type { QwenAuthError } from "../errors.ts"
import type { Credential } from "./credential.ts"

/** What a store holds. `problem`: why what is there cannot be used; absent when nothing is there. */
export type Stored =
  | { readonly credential: Credential; readonly problem?: undefined }
  | { readonly credential?: undefined; readonly problem?: QwenAuthError }

/** Where a credential lives between runs: a file, a host's secret storage, memory. */
export interface CredentialStore {
  /** What is stored. Never throws: what cannot be read is signed out plus the reason. */
  read(): Promise<Stored>
  /** Removes what is stored. */
  clear(): Promise<void>
  /** How long after a refused refresh another program may still store a renewed credential here, ms; 0 when absent. */
  readonly refusalGraceMs?: number | undefined
  /**
   * Runs `task` while no other process that shares this store does so; only in here may a credential be replaced.
   * @param skipIf asked while waiting: what it gives, unless undefined, is the result, and the turn is not needed any more
   * @throws QwenAuthError `credential_locked` when the turn does not come in a bounded time, and what `task` throws
   */
  withLock<T>(task: (lock: LockedStore) => Promise<T>, skipIf?: () => Promise<T | undefined>): Promise<T>
}

/**
 * How replacing what is stored ended. `lost`: another process took the turn over, nothing was written. `superseded`: another
 * program stored a newer credential meanwhile, which stays.
 */
export type WriteOutcome = "stored" | "superseded" | "lost"

/** The right to replace what is stored. */
export interface LockedStore {
  /** False when another process took the turn over, because this one stood still (stopped, asleep). */
  isHeld(): Promise<boolean>
  /**
   * Makes sure that a credential can be stored before one is asked for: the server's old refresh token is dead from the
   * moment it answers, so storing must neither fail nor take long then.
   * @throws QwenAuthError `credential_not_stored`
   */
  reserveSpace(): Promise<void>
  /**
   * Replaces what is stored, all or nothing.
   * @throws QwenAuthError `credential_not_stored`
   */
  write(credential: Credential): Promise<WriteOutcome>
}
