import type { QwenAuthError } from "../errors.ts"
import type { Platform } from "../platform.ts"

/** The value of `skipIf` that made the lock unnecessary. */
export interface Skipped<T> {
  readonly found: T
}

/** How to wait for a lock, ms. */
export interface LockWait<T> {
  /** The pauses begin with `firstMs`, grow by half each time up to `longestMs`, and vary by `jitter`, a share of them. */
  readonly pause: { readonly firstMs: number; readonly longestMs: number; readonly jitter: number }
  /** Maximum wait for the lock. */
  readonly maxMs: number
  /** Called before each pause. A value other than undefined ends the wait without the lock. */
  readonly skipIf: (() => Promise<T | undefined>) | undefined
  /** Returns the error for a wait that took too long. */
  readonly lockedError: () => QwenAuthError
}

/**
 * Tries to acquire a lock until it succeeds. The wait is the sum of the pauses, so a process that was suspended does not
 * count that time.
 * @param acquire returns the lock, or undefined while another process holds it; `waitedMs`: the wait so far
 * @throws the error of `lockedError` after `maxMs`; any error of `acquire`
 */
export async function waitForLock<L, T>(
  platform: Pick<Platform, "sleep" | "randomBytes">,
  { pause, maxMs, skipIf, lockedError }: LockWait<T>,
  acquire: (waitedMs: number) => Promise<L | undefined>,
): Promise<L | Skipped<T>> {
  let waitedMs = 0
  for (let wantedMs = pause.firstMs; ; wantedMs = Math.min(wantedMs * 1.5, pause.longestMs)) {
    const lock = await acquire(waitedMs)
    if (lock !== undefined) return lock
    const found = await skipIf?.()
    if (found !== undefined) return { found }
    if (waitedMs >= maxMs) throw lockedError()
    // Waiting processes must not retry in lockstep.
    const [byte = 0] = platform.randomBytes(1)
    const pauseMs = Math.round(wantedMs * (1 - pause.jitter + (2 * pause.jitter * byte) / 255))
    await platform.sleep(pauseMs)
    waitedMs += pauseMs
  }
}
