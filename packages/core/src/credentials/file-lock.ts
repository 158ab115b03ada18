import { utimes } from "node:fs/promises"
import { abortedError, QwenAuthError } from "../errors.ts"
import { pause } from "../http/deadline.ts"
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

/** How long things take, ms. */
export interface LockTimes {
  /** Between two signs of life of a holder. */
  readonly heartbeatMs: number
  /** Without a sign of life, a holder whose process is gone from this machine is taken over after this. */
  readonly abandonedMs: number
  /** Without a sign of life, any holder is taken over after this. */
  readonly staleMs: number
  /** The longest wait for the lock. */
  readonly waitMs: number
}

/** One attempt to refresh takes 30 s at most: whoever waits longer than `waitMs` waits for someone in trouble. */
export const LOCK_TIMES: LockTimes = { heartbeatMs: 1_000, abandonedMs: 2_500, staleMs: 10_000, waitMs: 45_000 }

/** The lock while it is ours. */
export interface Lease {
  /** False when another process took over, because this one showed no sign of life (stopped, asleep). */
  isHeld(): Promise<boolean>
  /** Lets go of what is ours; what another process holds by now is left alone. */
  release(): Promise<void>
}

/** How to wait for the lock. */
export interface LockOptions<T> {
  readonly signal?: AbortSignal
  readonly skipIf?: () => Promise<T | undefined>
  readonly times?: LockTimes
}

/** What made the lock unnecessary. */
export interface Skipped<T> {
  readonly found: T
}

type Watched = { readonly generation: number; readonly heartbeat: number; unchangedMs: number; gone: boolean }

const SHORTEST_PAUSE_MS = 15
const LONGEST_PAUSE_MS = 60

/**
 * Takes a lock that processes share: the newest numbered file in `folder`, each number made exactly once (`wx`). Claiming a free
 * lock and taking over a dead one are the same step, so two can never take over at once, and letting go only ever touches
 * one's own number. A holder is dead when its file's time does not change for a while of *our* waiting: no clock is compared.
 *
 * @param options `signal` ends the wait; `instead` is asked at each turn of the wait, and what it gives, unless undefined, ends it
 *   without the lock
 * @throws QwenAuthError `credential_locked` after `times.waitMs`, `aborted`; the file system's error when no file can be made
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
  const { signal, skipIf, times = LOCK_TIMES } = options
  let watched: Watched | undefined
  let waitedMs = 0
  for (let attempt = 0; ; ) {
    if (signal?.aborted) throw abortedError(signal)
    const newest = await newestGeneration(folder)
    watched = await watch(platform, folder, newest, watched)
    if (newest === undefined || newest.free || isDead(watched, times)) {
      const owned = await claimGeneration(platform, folder, (newest?.number ?? 0) + 1)
      if (owned !== undefined) return lease(platform, owned, times)
    }
    const found = await skipIf?.()
    if (found !== undefined) return { found }
    if (waitedMs >= times.waitMs) throw locked(folder)
    const pauseMs = jitter(platform, Math.min(SHORTEST_PAUSE_MS * 1.5 ** attempt++, LONGEST_PAUSE_MS))
    await pause(platform, pauseMs, signal)
    waitedMs += pauseMs
    if (watched !== undefined) watched.unchangedMs += pauseMs
  }
}

/** What is known of the present holder: the same as before with its silence counted, or a new start. */
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

/** Half to one and a half of `ms`, so that waiters do not come in step. */
function jitter(platform: Platform, ms: number): number {
  const [byte = 0] = platform.randomBytes(1)
  return Math.round(ms * (0.5 + byte / 255))
}

function lease(platform: Platform, owned: OwnedGeneration, times: LockTimes): Lease {
  const stop = platform.setInterval(times.heartbeatMs, async () => {
    const now = new Date(platform.now())
    // Gone or not ours any more: `held` finds that out when it matters.
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
  return new QwenAuthError(
    "credential_locked",
    `Another process is refreshing the sign-in and has not finished (${folder}).`,
    {
      remedy: "Try again in a moment. If this happens again, close the other programs that use this sign-in.",
    },
  )
}
