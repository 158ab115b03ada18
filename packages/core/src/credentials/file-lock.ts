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
  /** Called in each iteration of the wait. A value other than undefined ends the wait without the lock. */
  readonly skipIf?: (() => Promise<T | undefined>) | undefined
  readonly times?: LockTimes | undefined
}

/** The value of `skipIf` that made the lock unnecessary. */
export interface Skipped<T> {
  readonly found: T
}

type Watched = { readonly generation: number; readonly heartbeat: number; unchangedMs: number; gone: boolean }

const SHORTEST_PAUSE_MS = 15
const LONGEST_PAUSE_MS = 60

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
  let waitedMs = 0
  for (let attempt = 0; ; ) {
    const newest = await newestGeneration(folder)
    watched = await watch(platform, folder, newest, watched)
    if (newest === undefined || newest.free || isDead(watched, times)) {
      const owned = await claimGeneration(platform, folder, (newest?.number ?? 0) + 1)
      if (owned !== undefined) return lease(platform, owned, times)
    }
    const found = await skipIf?.()
    if (found !== undefined) return { found }
    if (waitedMs >= times.waitMs) throw locked(folder)
    const pauseMs = jitter(platform, Math.min(SHORTEST_PAUSE_MS * 1.5 ** attempt++, LONGEST_PAUSE_MS), 0.5)
    await platform.sleep(pauseMs)
    waitedMs += pauseMs
    if (watched !== undefined) watched.unchangedMs += pauseMs
  }
}

/** Returns the state of the current holder: the previous state when nothing changed, otherwise a new one. */
async function watch(
  platform: Platform,
  folder: string,
  newest: Generation | undefined,
  before: Watched | undefined,
): Promise<Watched | undefined> {
  if (newest === undefined || newest.free) return undefined
  const { number: generation, heartbeat } = newest
  if (before?.generation !== generation || before.heartbeat !== heartbeat) {
    return { generation, heartbeat, unchangedMs: 0, gone: false }
  }
  const owner = before.gone ? undefined : await ownerOf(folder, generation)
  const gone = before.gone || (owner !== undefined && owner.host === platform.host && !platform.isAlive(owner.pid))
  return { ...before, gone }
}

function isDead(watched: Watched | undefined, times: LockTimes): boolean {
  if (watched === undefined) return false
  return watched.unchangedMs >= (watched.gone ? times.abandonedMs : times.staleMs)
}

/** Varies a wait by up to `share` of it in both directions, so that waiting processes do not retry in lockstep. */
export function jitter(platform: Pick<Platform, "randomBytes">, ms: number, share: number): number {
  const [byte = 0] = platform.randomBytes(1)
  return Math.round(ms * (1 - share + (2 * share * byte) / 255))
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

function locked(folder: string): QwenAuthError {
  const message = `Another process is refreshing the sign-in and has not finished (${folder}).`
  return new QwenAuthError("credential_locked", message, {
    remedy: "Try again in a moment. If this happens again, close the other programs that use this sign-in.",
  })
}
