import { abortedError, QwenAuthError } from "../errors.ts"
import type { Platform } from "../platform.ts"

/** What a person can do when nobody answers. */
export const CHECK_NETWORK = "Check the network connection and proxy, then try again."

/**
 * Runs `task` with a signal that aborts when the caller's does or when `ms` milliseconds are over, whichever is first.
 * Nothing is left behind: neither timer nor listener.
 * @param who who is expected to answer, for the message of a time-out
 * @throws QwenAuthError `service_unreachable` on time-out, `aborted` when the caller gave up
 */
export async function withDeadline<T>(
  platform: Pick<Platform, "sleep">,
  ms: number,
  who: string,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw abortedError(signal)
  const controller = new AbortController()
  const timer = new AbortController()
  const giveUp = () => controller.abort(abortedError(signal))
  signal?.addEventListener("abort", giveUp, { once: true })
  const expire = () => {
    const seconds = Math.round(ms / 1000)
    const message = `${who} did not answer within ${seconds} seconds.`
    controller.abort(new QwenAuthError("service_unreachable", message, { remedy: CHECK_NETWORK }))
  }
  platform.sleep(ms, timer.signal).then(expire, () => {})
  try {
    return await task(controller.signal)
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    timer.abort()
    signal?.removeEventListener("abort", giveUp)
  }
}

/**
 * Waits `ms` milliseconds.
 * @throws QwenAuthError `aborted`, as soon as `signal` aborts
 */
export async function pause(
  platform: Pick<Platform, "sleep">,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await platform.sleep(ms, signal)
  } catch (error) {
    throw signal?.aborted ? abortedError(signal) : error
  }
}

/**
 * Waits for `work` that others wait for too: when `signal` aborts only this wait ends, the work goes on.
 * @throws QwenAuthError `aborted`
 */
export function abortableWait<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  if (signal.aborted) {
    // Nobody may be left to hear how the work fails: that must not end the process.
    work.catch(() => {})
    return Promise.reject(abortedError(signal))
  }
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(abortedError(signal))
    signal.addEventListener("abort", giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp))
  })
}

/** The error of {@link withTimeout} when nothing came in time. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError"
}

/**
 * Waits at most `ms` milliseconds for a task that cannot be aborted, a host's function for example. The task goes on.
 * @throws NoAnswerError when the time is over, and what `task` throws
 */
export async function withTimeout<T>(
  platform: Pick<Platform, "sleep">,
  ms: number,
  task: () => Promise<T>,
): Promise<T> {
  const timer = new AbortController()
  const late = platform.sleep(ms, timer.signal).then(() => {
    throw new NoAnswerError(`no answer within ${ms} ms`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([task(), late])
  } finally {
    timer.abort()
  }
}
