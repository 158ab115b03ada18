import { abortedError, QwenAuthError } from "../errors.ts"
import type { Platform } from "../platform.ts"

/** What the user can do if a service does not respond. */
export const CHECK_NETWORK = "Check the network connection and proxy, then try again."

/**
 * Runs `task` with a signal that aborts when `signal` aborts or after `ms` milliseconds, whichever comes first. Removes
 * its timer and its listener afterwards.
 * @param who the service that should respond, for the message of a timeout
 * @throws QwenAuthError `service_unreachable` on timeout, `aborted` if `signal` aborts; otherwise the error of `task`
 */
export async function withDeadline<T>(
  platform: Pick<Platform, "setTimeout">,
  ms: number,
  who: string,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw abortedError(signal)
  const controller = new AbortController()
  const cancel = () => controller.abort(abortedError(signal))
  signal?.addEventListener("abort", cancel, { once: true })
  const expire = () => {
    const seconds = Math.round(ms / 1000)
    const message = `${who} did not answer within ${seconds} seconds.`
    controller.abort(new QwenAuthError("service_unreachable", message, { remedy: CHECK_NETWORK }))
  }
  const stopTimer = platform.setTimeout(ms, expire)
  try {
    return await task(controller.signal)
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    stopTimer()
    signal?.removeEventListener("abort", cancel)
  }
}

/**
 * Waits `ms` milliseconds.
 * @throws QwenAuthError `aborted` as soon as `signal` aborts
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
 * Waits for work that other callers may also wait for. If `signal` aborts, only this wait ends and the work continues.
 * @throws QwenAuthError `aborted`
 */
export function abortableWait<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  if (signal.aborted) {
    // Without a handler, a rejection that nobody waits for would end the process.
    work.catch(() => {})
    return Promise.reject(abortedError(signal))
  }
  return new Promise((resolve, reject) => {
    const cancel = () => reject(abortedError(signal))
    signal.addEventListener("abort", cancel, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancel))
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
  platform: Pick<Platform, "setTimeout">,
  ms: number,
  task: () => Promise<T>,
): Promise<T> {
  let stopTimer = () => {}
  const late = new Promise<never>((_, reject) => {
    stopTimer = platform.setTimeout(ms, () => reject(new NoAnswerError(`no answer within ${ms} ms`)))
  })
  try {
    return await Promise.race([task(), late])
  } finally {
    stopTimer()
  }
}
