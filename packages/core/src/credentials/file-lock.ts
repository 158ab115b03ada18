import { utimes } from "node:fs/promises"
import { QwenAuthError } from "../errors.ts"
import type { Platform } from "../platform.ts"
import {
  claimGeneration,
  freeGeneration,
  type Generation,
  newestGeneration,
  type OwnedGeneration,
  ownerOf,
  stillOwns,
} from "./lock-generations.ts"
import { type Skipped, waitForLock } from "./wait-for-lock.ts"

/** Timing of a lock, ms. */
export interface LockTimes {
  /** Interval between heartbeats of a holder. */
  readonly heartbeatMs: number
  /**
   * A lock without a heartbeat for this long is taken over when its holder's process no longer exists on this machine.
   */
  readonly abandonedMs: number
  /** A lock without a heartbeat for this long is taken over from any holder. */
  readonly staleMs: number
  /** Maximum wait for the lock. */
  readonly waitMs: number
}

/** One refresh request takes at most 30 s, so `waitMs` is longer than a healthy holder needs. */
export const LOCK_TIMES: LockTimes = { heartbeatMs: 1_000, abandonedMs: 2_500, staleMs: 10_000, waitMs: 45_000 }

/** A lock that this process has acquired. */
export interface Lease {
  /**
   * Returns false when another process took over the lock, because this process was suspended and sent no heartbeat.
   */
  isHeld(): Promise<boolean>
  /** Releases the lock. Does nothing when another process has taken it over. */
  release(): Promise<void>
}

/** Options for acquiring a lock. */
export interface LockOptions<T> {
  /** See {@link LockWait}. */
  readonly skipIf?: (() => Promise<T | undefined>) | undefined
  readonly times?: LockTimes | undefined
}

/** The state of a holder since `sinceMs` of our wait. `gone`: its process no longer exists on this machine. */
type Watched = {
  readonly generation: number
  readonly heartbeat: number
  readonly sinceMs: number
  readonly gone: boolean
}

const PAUSE = { firstMs: 15, longestMs: 60, jitter: 0.5 }

/**
 * Acquires a lock that processes share. The lock is the newest numbered file in `folder`; each number is created
 * exactly once (flag `wx`). Claiming a free lock and taking over a dead one are the same step, so two processes can
 * never take over at once, and a release only renames the holder's own file. A holder is dead when the modification
 * time of its file does not change during part of *our* wait, so no clocks are compared.
 * @throws QwenAuthError `credential_locked` after `times.waitMs`; the file system's error when no file can be created
 */
export function acquireFileLock(platform: Platform, folder: string, options?: LockOptions<never>): Promise<Lease>
export function acquireFileLock<T>(
  platform: Platform,
  folder: string,
  options: LockOptions<T>,
): Promise<Lease | Skipped<T>>
export async function acquireFileLock<T>(
  platform: Platform,
  folder: string,
  options: LockOptions<T> = {},
): Promise<Lease | Skipped<T>> {
  const { skipIf, times = LOCK_TIMES } = options
  let watched: Watched | undefined
  const wait = { pause: PAUSE, maxMs: times.waitMs, skipIf, lockedError: () => lockedError(folder) }
  return waitForLock(platform, wait, async (waitedMs) => {
    const newest = await newestGeneration(folder)
    watched = newest === undefined || newest.free ? undefined : await watch(platform, folder, newest, watched, waitedMs)
    if (watched !== undefined && !isDead(watched, waitedMs, times)) return undefined
    const owned = await claimGeneration(platform, folder, (newest?.number ?? 0) + 1)
    return owned && lease(platform, owned, times)
  })
}

/** Returns the state of the current holder: the previous state when nothing changed, otherwise a new one. */
async function watch(
  platform: Platform,
  folder: string,
  { number: generation, heartbeat }: Generation,
  before: Watched | undefined,
  waitedMs: number,
): Promise<Watched> {
  if (before?.generation !== generation || before.heartbeat !== heartbeat) {
    return { generation, heartbeat, sinceMs: waitedMs, gone: false }
  }
  const owner = before.gone ? undefined : await ownerOf(folder, generation)
  const gone = before.gone || (owner !== undefined && owner.host === platform.host && !platform.isAlive(owner.pid))
  return { ...before, gone }
}

function isDead({ sinceMs, gone }: Watched, waitedMs: number, times: LockTimes): boolean {
  return waitedMs - sinceMs >= (gone ? times.abandonedMs : times.staleMs)
}

function lease(platform: Platform, owned: OwnedGeneration, times: LockTimes): Lease {
  const stop = platform.setInterval(times.heartbeatMs, async () => {
    const now = new Date(platform.now())
    // Fails when the lock was taken over. `isHeld` detects that when it matters.
    await utimes(owned.path, now, now).catch(() => {})
  })
  return {
    isHeld: () => stillOwns(owned),
    async release() {
      stop()
      if (await stillOwns(owned)) await freeGeneration(owned)
    },
  }
}

function lockedError(folder: string): QwenAuthError {
  const message = `Another process is refreshing the sign-in and has not finished (${folder}).`
  return new QwenAuthError("credential_locked", message, {
    remedy: "Try again in a moment. If this happens again, close the other programs that use this sign-in.",
  })
}
