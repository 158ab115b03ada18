import { link, readFile, rename, rm, stat, utimes } from "node:fs/promises"
import { QwenAuthError } from "../errors.ts"
import { createClaim } from "../files/create-claim.ts"
import { fileErrorCode } from "../files/file-error.ts"
import type { Platform } from "../platform.ts"
import { type Skipped, waitForLock } from "./wait-for-lock.ts"

const PAUSE = { firstMs: 100, longestMs: 2_000, jitter: 0.25 }
/** Qwen Code 0.12 considers a lock stale after 10 s, 0.24 after 35 s. Our heartbeat must be faster than both. */
const HEARTBEAT_MS = 1_000
/** Qwen Code sends no heartbeat, so its lock is only dead after the longest time that any version holds it. */
const DEAD_AFTER_MS = 36_000
/** Longer than it takes to detect a dead lock, and shorter than the 45 s that our own processes wait for our lock. */
const WAIT_MS = 42_000

/**
 * Prefix of the content of our locks: `qwauth` in the custom bits of a version 8 UUID (RFC 9562 §5.8). Only the
 * holder of our own lock creates such a file, so a holder that finds one has found a leftover.
 */
const OUR_UUID = "71776175-7468-8"

/**
 * Qwen Code's lock while this process holds it. It may disappear: Qwen Code deletes it when it exits, whoever holds it.
 */
export interface QwenCodeLock {
  /** Removes the lock if it is still ours. */
  release(): Promise<void>
}

/** The state of a lock file. */
interface LockState {
  readonly text: string
  readonly modifiedAt: number
}

/**
 * Acquires Qwen Code's lock with its own protocol: polls until it can create (flag `wx`) a file that contains a UUID,
 * and updates its modification time while it is held. A dead lock is renamed, compared again, and put back if it was a
 * different one.
 *
 * Call only while holding our own lock, so that at most one of our processes waits here.
 * @param path absolute path of `oauth_creds.lock`
 * @param skipIf see {@link LockWait}
 * @throws QwenAuthError `credential_locked` after 42 s, `credential_not_stored` when no file can be created
 */
export async function acquireQwenCodeLock<T>(
  platform: Platform,
  path: string,
  skipIf?: () => Promise<T | undefined>,
): Promise<QwenCodeLock | Skipped<T>> {
  const uuid = ourUuid(platform)
  let watched: (LockState & { readonly sinceMs: number }) | undefined
  const wait = { pause: PAUSE, maxMs: WAIT_MS, skipIf, lockedError: () => lockedError(path) }
  return waitForLock(platform, wait, async (waitedMs) => {
    for (;;) {
      const text = await claim(path, uuid)
      if (text !== undefined) return startHeartbeat(platform, path, text)
      const state = await statLock(path)
      if (state === undefined || !isSame(state, watched)) watched = state && { ...state, sinceMs: waitedMs }
      if (watched === undefined) return undefined
      const dead = watched.text.startsWith(OUR_UUID) || waitedMs - watched.sinceMs > DEAD_AFTER_MS
      if (!dead || !(await removeDead(platform, path, watched))) return undefined
    }
  })
}

/** Creates the lock file and returns its content, or returns undefined when the file already exists. */
async function claim(path: string, uuid: string): Promise<string | undefined> {
  try {
    return await createClaim(path, uuid)
  } catch (error) {
    const code = fileErrorCode(error)
    // Windows answers EPERM while a file of that name is being deleted.
    if (code === "EEXIST" || (code === "EPERM" && process.platform === "win32")) return undefined
    throw new QwenAuthError("credential_not_stored", `Qwen Code's lock ${path} could not be created (${code}).`, {
      remedy: "Check the folder's owner and mode and the free space on the disk.",
      cause: error,
    })
  }
}

function startHeartbeat(platform: Platform, path: string, text: string): QwenCodeLock {
  const isOurs = async () => (await statLock(path))?.text === text
  const stop = platform.setInterval(HEARTBEAT_MS, async () => {
    const now = new Date(platform.now())
    if (await isOurs()) await utimes(path, now, now).catch(() => {})
  })
  return {
    async release() {
      stop()
      if (await isOurs()) await rm(path, { force: true }).catch(() => {})
    },
  }
}

async function statLock(path: string): Promise<LockState | undefined> {
  try {
    const { mtimeMs } = await stat(path)
    // A file that cannot be read is still a lock.
    return { modifiedAt: mtimeMs, text: await readFile(path, "utf8").catch(() => "") }
  } catch {
    return undefined
  }
}

function isSame(one: LockState, other: LockState | undefined): boolean {
  return one.text === other?.text && one.modifiedAt === other.modifiedAt
}

/**
 * Removes a dead lock. Another program may have replaced it in the meantime, so the file is renamed and compared first.
 * @returns true when the dead lock was removed
 */
async function removeDead(platform: Platform, path: string, dead: LockState): Promise<boolean> {
  const aside = `${path}.${Buffer.from(platform.randomBytes(6)).toString("hex")}.dead`
  try {
    await rename(path, aside)
  } catch {
    return false
  }
  const moved = await statLock(aside)
  const removed = moved !== undefined && isSame(moved, dead)
  // `link` never replaces a file, so a lock that was created in the meantime is kept.
  if (!removed) await link(aside, path).catch(() => {})
  await rm(aside, { force: true }).catch(() => {})
  return removed
}

function ourUuid(platform: Platform): string {
  const hex = Buffer.from(platform.randomBytes(10)).toString("hex")
  return `${OUR_UUID}${hex.slice(0, 3)}-a${hex.slice(3, 6)}-${hex.slice(6, 18)}`
}

function lockedError(path: string): QwenAuthError {
  return new QwenAuthError("credential_locked", `Qwen Code is refreshing the sign-in and has not finished (${path}).`, {
    remedy: "Try again in a moment. If this happens again, close Qwen Code.",
  })
}
