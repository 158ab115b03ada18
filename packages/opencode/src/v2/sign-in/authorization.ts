import type { Logger } from "qwen-auth-core"
import { QwenAuthError } from "qwen-auth-core"
import type { Authorization, HostOAuth } from "../host-types.ts"
import { userMessage } from "../messages.ts"

/** A sign-in that has begun. */
interface Begun {
  /** Empty if no browser is needed. */
  readonly url: string
  readonly instructions: string
  /** When it ends by itself, epoch ms. */
  readonly expiresAt?: number
  /** Waits for the person. */
  finish(): Promise<HostOAuth>
}

/**
 * Begins a sign-in. Never rejects, because OpenCode loses the words of a rejection; every failure is a rejection of
 * `callback`, in the words that the person reads.
 */
export async function authorization(log: Logger, begin: () => Promise<Begun>): Promise<Authorization> {
  try {
    const { url, instructions, expiresAt, finish } = await begin()
    const end = expiresAt === undefined ? {} : { expiresAt: Math.floor(expiresAt) }
    return { mode: "auto", url, instructions, ...end, callback: handled(inWords(log, finish())) }
  } catch (error) {
    const callback = handled(inWords(log, Promise.reject(error)))
    return { mode: "auto", url: "", instructions: "The sign-in could not be started.", callback }
  }
}

/** Replaces an error by one whose message is complete, because OpenCode shows only the message. */
export async function inWords<T>(log: Logger, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (QwenAuthError.isInstance(error)) throw new Error(userMessage(error), { cause: error })
    log.error("An unexpected error.", { error })
    throw new Error(`The Qwen plugin failed unexpectedly (${error instanceof Error ? error.name : "unknown"}).`)
  }
}

/** OpenCode may look at the promise later than it rejects; a rejection without a handler would end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
