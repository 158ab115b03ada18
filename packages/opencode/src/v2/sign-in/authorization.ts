import { type Logger, QwenAuthError } from "qwen-auth-core"
import type { Authorization, HostOAuth } from "../host-types.ts"
import { userMessage } from "../messages.ts"

/** A sign-in that has begun. */
interface Begun {
  /** Empty if no browser is needed. */
  readonly url: string
  readonly instructions: string
  /** When the sign-in expires, epoch ms. */
  readonly expiresAt?: number
  /** Waits for the user and returns what OpenCode stores. */
  finish(): Promise<HostOAuth>
}

/**
 * Begins a sign-in. Never rejects, because OpenCode loses the message of such an error. Every failure is a rejection of
 * `callback`, with the message for the user.
 */
export async function authorization(log: Logger, begin: () => Promise<Begun>): Promise<Authorization> {
  try {
    const { url, instructions, expiresAt, finish } = await begin()
    const end = expiresAt === undefined ? {} : { expiresAt: Math.floor(expiresAt) }
    return { mode: "auto", url, instructions, ...end, callback: handled(withUserMessage(log, finish())) }
  } catch (error) {
    const callback = handled(withUserMessage(log, Promise.reject(error)))
    return { mode: "auto", url: "", instructions: "The sign-in could not be started.", callback }
  }
}

/** Replaces an error by one with the complete message for the user, because OpenCode shows only the message. */
export async function withUserMessage<T>(log: Logger, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (QwenAuthError.isInstance(error)) throw new Error(userMessage(error), { cause: error })
    log.error("An unexpected error.", { error })
    throw new Error(`The Qwen plugin failed unexpectedly (${error instanceof Error ? error.name : "unknown"}).`)
  }
}

/** OpenCode may add its handler after the promise rejects. A rejection without a handler would end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
