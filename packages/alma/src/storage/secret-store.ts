import { type Credential, type CredentialStore, type LockedStore, type Platform, QwenAuthError } from "qwen-auth-core"
import { formatStoredCredential, NoAnswerError, parseStoredCredential, withTimeout } from "qwen-auth-core/internal"
import type { AlmaSecrets } from "../host.ts"
import { changeQueue } from "./change-queue.ts"

/** The name of the secret in Alma's storage. */
const KEY = "credential"
/** The longest wait for the secret storage, ms. A keychain may ask the user to unlock it. */
const ANSWER_MS = 15_000

/** A change of the storage: the credential to store, or none to remove it. */
interface Change {
  readonly credential?: Credential
}

/**
 * Creates a credential store in Alma's secret storage. Alma runs one plugin host, so the lock orders the tasks of this
 * process only.
 *
 * A keychain that waits for the user can make a change long after our timeout. Such a change counts from the start:
 * `read` returns what it will leave, and the next change starts only after it has really ended. So the storage ends up
 * with the last change.
 */
export function secretStore(platform: Pick<Platform, "setTimeout" | "log">, secrets: AlmaSecrets): CredentialStore {
  let last: Promise<unknown> = Promise.resolve()
  /** The latest change that the storage has not confirmed yet. */
  let unconfirmed: Change | undefined
  const enqueue = changeQueue(({ credential }: Change) =>
    credential === undefined ? secrets.delete(KEY) : secrets.set(KEY, formatStoredCredential(credential)),
  )

  async function make(change: Change): Promise<void> {
    const made = enqueue(change)
    try {
      await withTimeout(platform, ANSWER_MS, () => made)
      unconfirmed = undefined
    } catch (cause) {
      if (!(cause instanceof NoAnswerError)) throw notChanged(change, cause)
      unconfirmed = change
      made.then(
        () => {
          if (unconfirmed === change) unconfirmed = undefined
        },
        (error: unknown) => platform.log.warn("Alma's secret storage refused a change after a long time.", { error }),
      )
      throw notConfirmed("credential_not_stored", change)
    }
  }

  const lock: LockedStore = {
    isHeld: async () => true,
    reserveSpace: async () => {},
    async write(credential) {
      await make({ credential })
      return "stored"
    },
  }

  return {
    async read() {
      if (unconfirmed !== undefined) {
        const { credential } = unconfirmed
        return credential === undefined ? { problem: notConfirmed("credential_unusable", unconfirmed) } : { credential }
      }
      let text: unknown
      try {
        text = await withTimeout(platform, ANSWER_MS, () => secrets.get(KEY))
      } catch (error) {
        platform.log.warn("Alma's secret storage could not be read.", { error })
        return { problem: unreadable(error) }
      }
      if (text === undefined || text === null || text === "") return {}
      const credential = typeof text === "string" ? parseStoredCredential(text) : undefined
      if (credential === "newer") return { problem: unusable("was written by a newer version of this plugin") }
      return credential === undefined ? { problem: unusable("is not complete") } : { credential }
    },
    clear: () => make({}),
    withLock(task) {
      const result = last.then(() => task(lock))
      last = result.catch(() => {})
      return result
    },
  }
}

function notChanged({ credential }: Change, cause: unknown): QwenAuthError {
  const what = credential === undefined ? "removed" : "stored"
  return new QwenAuthError("credential_not_stored", `The sign-in could not be ${what} in Alma's secret storage.`, {
    remedy: "Unlock the system's keychain and try again.",
    cause,
  })
}

function notConfirmed(code: "credential_not_stored" | "credential_unusable", { credential }: Change): QwenAuthError {
  const [state, doubt, again] =
    credential === undefined
      ? ["You are signed out", "may still be stored", "sign out again"]
      : ["You are signed in", "may not be stored", "sign in again"]
  return new QwenAuthError(code, `${state}, but Alma's secret storage did not answer: the sign-in ${doubt}.`, {
    remedy: `Unlock the system's keychain, then ${again}.`,
  })
}

function unreadable(cause: unknown): QwenAuthError {
  return new QwenAuthError("credential_unusable", "Alma's secret storage could not be read.", {
    remedy: "Unlock the system's keychain and try again; the sign-in is kept.",
    cause,
  })
}

function unusable(why: string): QwenAuthError {
  return new QwenAuthError("credential_unusable", `The stored sign-in ${why}.`)
}
