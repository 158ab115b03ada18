import { readFile } from "node:fs/promises"
import { QwenAuthError } from "../errors.ts"
import { type PreparedWrite, prepareWrite, removeAbandonedWrites, replaceFile } from "../files/atomic-write.ts"
import { fileErrorCode } from "../files/file-error.ts"
import { tighten } from "../files/file-mode.ts"
import { linkTarget } from "../files/link-target.ts"
import { removeContent } from "../files/remove-content.ts"
import { readTextFile } from "../files/text-file.ts"
import { nodePlatform, type Platform } from "../platform.ts"
import type { OAuthCredential } from "./credential.ts"
import type { CredentialStore, LockedStore, Stored } from "./credential-store.ts"
import { acquireFileLock, type Lease, type LockTimes, type Skipped } from "./file-lock.ts"
import { formatStoredCredential, LARGEST_CREDENTIAL_BYTES, parseStoredCredential } from "./stored-credential.ts"

/** Options of a credential file. */
export interface CredentialFileOptions {
  readonly platform?: Platform | undefined
  /** A folder that can be written when the credential's own cannot, for the lock alone; absolute path. */
  readonly fallbackLockFolder?: string
  readonly lockTimes?: LockTimes
  /** Other programs use the file and its folder too: fields that are not ours stay, and so does the folder's mode. */
  readonly shared?: boolean
}

/** The turn at a file. */
export interface LockedFile extends LockedStore {
  /** @param stillWanted asked at the last moment; with `false` nothing is written and the answer is `lost` */
  write(credential: OAuthCredential, stillWanted?: () => Promise<boolean>): Promise<"stored" | "lost">
}

/** A {@link CredentialStore} whose turns can be asked to look once more before they write. */
export interface CredentialFile extends CredentialStore {
  withLock<T>(task: (lock: LockedFile) => Promise<T>, skipIf?: () => Promise<T | undefined>): Promise<T>
}

/** No file can be made there: the folder is another's, the disk is read-only or full. */
const NO_ROOM = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"])

/**
 * A credential in a file of its owner's: 0600 in a folder of 0700, always whole, replaced by one process at a time. The lock's
 * files are in the folder `<path>.lock` beside it. A symbolic link at `path` always stays, and all of this applies to the file where it
 * ends: a sign-out removes that file, and the next sign-in makes it again.
 * @param path absolute path of the file
 */
export function credentialFile(path: string, options: CredentialFileOptions = {}): CredentialFile {
  const { platform = nodePlatform() } = options
  return {
    read: () => read(platform, path),
    clear: async () => {
      const removals = [path, unusableCopy(path)].map((place) =>
        removeContent(place).catch((error: unknown) => {
          throw notRemoved(place, error)
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
 * Takes the lock beside the file where a link ends, so that two paths to one file share it. Where nothing can be made there, takes it
 * beside the link, else in `fallbackLockFolder`.
 */
async function acquire<T>(
  platform: Platform,
  path: string,
  options: CredentialFileOptions,
  skipIf: (() => Promise<T | undefined>) | undefined,
): Promise<Lease | Skipped<T>> {
  const { lockTimes: times, fallbackLockFolder = `${path}.lock` } = options
  const wait = { ...(skipIf === undefined ? {} : { skipIf }), ...(times === undefined ? {} : { times }) }
  let failure: unknown
  for (const folder of new Set([`${await linkTarget(path)}.lock`, `${path}.lock`, fallbackLockFolder])) {
    try {
      const lease = await acquireFileLock(platform, folder, wait)
      if (failure !== undefined) {
        const fields = { path, code: fileErrorCode(failure), fallback: folder }
        platform.log.warn("The sign-in's folder is not writable; its lock is in another folder.", fields)
      }
      return lease
    } catch (error) {
      if (QwenAuthError.isInstance(error)) throw error
      failure ??= error
      if (!NO_ROOM.has(fileErrorCode(error))) break
    }
  }
  throw notStored(path, failure)
}

function lockedFile(
  platform: Platform,
  path: string,
  lease: Lease,
  shared: boolean,
): LockedFile & { end(): Promise<void> } {
  let prepared: PreparedWrite | undefined
  const present = () => (shared ? readTextFile(path).catch(() => "") : Promise.resolve(""))
  const prepare = async (reserve = 0) => {
    await keepUnusable(platform, path)
    return storing(path, () => prepareWrite(platform, path, { keepMode: shared, reserve }))
  }
  return {
    isHeld: lease.isHeld,
    async reserveSpace() {
      prepared ??= await prepare(LARGEST_CREDENTIAL_BYTES + Buffer.byteLength(await present()))
    },
    async write(credential, stillWanted = async () => true) {
      // Where there was no room for the largest credential there may be enough for this one.
      const ready = prepared ?? (await prepare())
      prepared = undefined
      const text = formatStoredCredential(credential, await present())
      const stillAllowed = async () => (await stillWanted()) && (await lease.isHeld())
      const done = await storing(path, () => ready.commit(text, stillAllowed))
      return done ? "stored" : "lost"
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
    return code === "ENOENT" || code === "ENOTDIR" ? {} : { problem: unusable(path, `cannot be read (${code})`) }
  }
  if (await tighten(path, 0o600).catch(() => false)) {
    platform.log.warn("Other users could read the stored sign-in; now only you can.", { path })
  }
  const credential = parseStoredCredential(text)
  if (credential === "newer") return { problem: unusable(path, "was written by a newer version of this program") }
  return credential === undefined ? { problem: unusable(path, "does not hold a complete sign-in") } : { credential }
}

function unusableCopy(path: string): string {
  return `${path}.unusable`
}

/** Copies a file that is not a usable sign-in before it is replaced, for whoever wants to know what was in it. */
async function keepUnusable(platform: Platform, path: string): Promise<void> {
  const text = await readTextFile(path).catch(() => "")
  if (text.trim() === "" || typeof parseStoredCredential(text) === "object") return
  await replaceFile(platform, unusableCopy(path), await readFile(path), { keepMode: true }).catch(() => {})
}

async function storing<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    throw notStored(path, error)
  }
}

function notStored(path: string, error: unknown): QwenAuthError {
  const message = `The sign-in could not be stored in ${path} (${fileErrorCode(error)}).`
  const remedy = "Check the folder's owner and mode and the free space on the disk."
  return new QwenAuthError("credential_not_stored", message, { remedy, cause: error })
}

function notRemoved(path: string, error: unknown): QwenAuthError {
  const message = `The stored sign-in ${path} could not be removed (${fileErrorCode(error)}).`
  return new QwenAuthError("credential_not_stored", message, { remedy: "Remove it manually.", cause: error })
}

function unusable(path: string, why: string): QwenAuthError {
  return new QwenAuthError("credential_unusable", `The stored sign-in ${path} ${why}.`, { remedy: "Sign in again." })
}
