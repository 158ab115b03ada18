import { readFile } from "node:fs/promises"
import { QwenAuthError } from "../errors.ts"
import { type PreparedWrite, prepareWrite, removeAbandonedWrites, replaceFile } from "../files/atomic-write.ts"
import { fileErrorCode } from "../files/file-error.ts"
import { tighten } from "../files/file-mode.ts"
import { linkTarget } from "../files/link-target.ts"
import { removeContent } from "../files/remove-content.ts"
import { readTextFile } from "../files/text-file.ts"
import { nodePlatform, type Platform } from "../platform.ts"
import type { Credential } from "./credential.ts"
import type { CredentialStore, LockedStore, Stored } from "./credential-store.ts"
import { acquireFileLock, type Lease, type LockTimes } from "./file-lock.ts"
import {
  formatStoredCredential,
  MAX_CREDENTIAL_BYTES,
  parseFormerTokens,
  parseStoredCredential,
} from "./stored-credential.ts"
import type { Skipped } from "./wait-for-lock.ts"

/** Options of a credential file. */
export interface CredentialFileOptions {
  readonly platform?: Platform | undefined
  /** Absolute path of a folder for the lock, used only when the credential's own folder is not writable. */
  readonly fallbackLockFolder?: string | undefined
  readonly lockTimes?: LockTimes | undefined
  /** Set when other programs use the file too. Their fields and the folder's mode are then preserved. */
  readonly shared?: boolean | undefined
}

/** The lock of a credential file. */
export interface LockedFile extends LockedStore {
  /**
   * Replaces the stored credential.
   * @param formerTokens as in {@link LockedStore}
   * @param stillWanted called just before the file is replaced; when it returns false, nothing is written and the
   *   outcome is `lost`
   * @throws QwenAuthError `credential_not_stored`
   */
  write(
    credential: Credential,
    formerTokens?: readonly string[],
    stillWanted?: () => Promise<boolean>,
  ): Promise<"stored" | "lost">
}

/** A {@link CredentialStore} whose lock supports a last check before it writes. */
export interface CredentialFile extends CredentialStore {
  withLock<T>(task: (lock: LockedFile) => Promise<T>, skipIf?: () => Promise<T | undefined>): Promise<T>
}

/** Error codes of a folder in which no file can be created: another user owns it, or the disk is read-only or full. */
const NOT_WRITABLE = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"])

/**
 * Stores a credential in a file that only its owner can read (mode 0600, in a folder of mode 0700). Writes are
 * atomic, and processes that share the file replace it one at a time: the folder `<path>.lock` next to it holds the
 * lock. When `path` is a symbolic link, the link is preserved and its target is used: signing out removes the target,
 * and the next sign-in creates it again.
 * @param path absolute path of the file
 */
export function credentialFile(path: string, options: CredentialFileOptions = {}): CredentialFile {
  const { platform = nodePlatform() } = options
  return {
    read: () => read(platform, path),
    clear: async () => {
      const removals = [path, unusableCopy(path)].map((file) =>
        removeContent(file).catch((error: unknown) => {
          throw notRemovedError(file, error)
        }),
      )
      await Promise.all(removals)
    },
    async withLock(task, skipIf) {
      const lease = await acquire(platform, path, options, skipIf)
      if ("found" in lease) return lease.found
      const lock = lockedFile(platform, path, lease, options.shared === true)
      try {
        await removeAbandonedWrites(path)
        return await task(lock)
      } finally {
        await lock.end()
        await lease.release()
      }
    },
  }
}

/**
 * Acquires the lock next to the target of a symbolic link, so that all paths to one file share a lock. When that
 * folder is not writable, uses the folder of the link, then `fallbackLockFolder`.
 */
async function acquire<T>(
  platform: Platform,
  path: string,
  options: CredentialFileOptions,
  skipIf: (() => Promise<T | undefined>) | undefined,
): Promise<Lease | Skipped<T>> {
  const { lockTimes: times, fallbackLockFolder = `${path}.lock` } = options
  let failure: unknown
  for (const folder of new Set([`${await linkTarget(path)}.lock`, `${path}.lock`, fallbackLockFolder])) {
    try {
      const lease = await acquireFileLock(platform, folder, { skipIf, times })
      if (failure !== undefined) {
        const fields = { path, code: fileErrorCode(failure), fallback: folder }
        platform.log.warn("The sign-in's folder is not writable; its lock is in another folder.", fields)
      }
      return lease
    } catch (error) {
      if (QwenAuthError.isInstance(error)) throw error
      failure ??= error
      if (!NOT_WRITABLE.has(fileErrorCode(error))) break
    }
  }
  throw notStoredError(path, failure)
}

function lockedFile(
  platform: Platform,
  path: string,
  lease: Lease,
  shared: boolean,
): LockedFile & { end(): Promise<void> } {
  let prepared: PreparedWrite | undefined
  const rethrow = (error: unknown): never => {
    throw notStoredError(path, error)
  }
  const readPresent = () => (shared ? readTextFile(path).catch(() => "") : Promise.resolve(""))
  const prepare = async (reserve = 0) => {
    await keepUnusable(platform, path)
    return prepareWrite(platform, path, { keepMode: shared, reserve }).catch(rethrow)
  }
  return {
    isHeld: lease.isHeld,
    async reserveSpace() {
      prepared ??= await prepare(MAX_CREDENTIAL_BYTES + Buffer.byteLength(await readPresent()))
    },
    async write(credential, formerTokens = [], stillWanted = async () => true) {
      // The disk may have space for this credential even if it had none for the largest possible one.
      const ready = prepared ?? (await prepare())
      prepared = undefined
      const text = formatStoredCredential(credential, await readPresent(), formerTokens)
      const stillAllowed = async () => (await stillWanted()) && (await lease.isHeld())
      return (await ready.commit(text, stillAllowed).catch(rethrow)) ? "stored" : "lost"
    },
    end: async () => prepared?.discard(),
  }
}

async function read(platform: Platform, path: string): Promise<Stored> {
  let text: string
  try {
    text = await readTextFile(path)
  } catch (error) {
    const code = fileErrorCode(error)
    return code === "ENOENT" || code === "ENOTDIR" ? {} : { problem: unusableError(path, `cannot be read (${code})`) }
  }
  if (await tighten(path, 0o600).catch(() => false)) {
    platform.log.warn("Other users could read the stored sign-in; now only you can.", { path })
  }
  const credential = parseStoredCredential(text)
  if (credential === "newer") return { problem: unusableError(path, "was written by a newer version of this program") }
  if (credential === undefined) return { problem: unusableError(path, "does not hold a complete sign-in") }
  return { credential, formerTokens: parseFormerTokens(text) }
}

function unusableCopy(path: string): string {
  return `${path}.unusable`
}

/** Keeps a copy of an unusable file before it is replaced, so that its content is not lost. */
async function keepUnusable(platform: Platform, path: string): Promise<void> {
  const text = await readTextFile(path).catch(() => "")
  if (text.trim() === "" || typeof parseStoredCredential(text) === "object") return
  await replaceFile(platform, unusableCopy(path), await readFile(path), { keepMode: true }).catch(() => {})
}

function notStoredError(path: string, error: unknown): QwenAuthError {
  const message = `The sign-in could not be stored in ${path} (${fileErrorCode(error)}).`
  const remedy = "Check the folder's owner and mode and the free space on the disk."
  return new QwenAuthError("credential_not_stored", message, { remedy, cause: error })
}

function notRemovedError(path: string, error: unknown): QwenAuthError {
  const message = `The stored sign-in ${path} could not be removed (${fileErrorCode(error)}).`
  return new QwenAuthError("credential_not_stored", message, { remedy: "Remove it manually.", cause: error })
}

function unusableError(path: string, why: string): QwenAuthError {
  return new QwenAuthError("credential_unusable", `The stored sign-in ${path} ${why}.`, { remedy: "Sign in again." })
}
