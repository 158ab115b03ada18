import { type CredentialStore, type LockedStore, type Platform, QwenAuthError } from "qwen-auth-core"
import { NoAnswerError, withTimeout } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import type { AlmaSecrets } from "../host.ts"
import { changeQueue } from "./change-queue.ts"
import type { FilesInPlace } from "./files-in-place.ts"
import { formatStoredSignIn, parseStoredSignIn, type StoredSignIn } from "./stored-sign-in.ts"

/** The name of the secret in Alma's storage. */
const KEY = "credential"
/** The longest wait for the secret storage, ms. A keychain may ask the user to unlock it. */
const ANSWER_MS = 15_000

/** A change of the storage: what to store, or nothing to remove it. */
interface Change {
  readonly signIn?: StoredSignIn
}

/** What is stored, or why it cannot be used. */
type Read = { readonly signIn?: StoredSignIn; readonly problem?: QwenAuthError }

/** A credential store in Alma's secret storage. */
export interface SecretStore extends CredentialStore {
  /** Uses another program's sign-in in place from now on. @throws QwenAuthError `credential_not_stored` */
  useInPlace(choice: CredentialsChoice): Promise<void>
  /** Runs a change of the sign-in. It is made in Alma's storage, even while another program's sign-in is used. */
  replacing<T>(change: () => Promise<T>): Promise<T>
}

/**
 * Creates a credential store in Alma's secret storage. Alma runs one plugin host, so the lock orders the tasks of this
 * process only.
 *
 * A keychain that waits for the user can make a change long after our timeout. Such a change counts from the start:
 * `read` returns what it will leave, and the next change starts only after it has really ended. So the storage ends up
 * with the last change.
 *
 * While another program's sign-in is used in place, the storage holds only which one, and its own store does the work.
 */
export function secretStore(
  platform: Pick<Platform, "setTimeout" | "log">,
  secrets: AlmaSecrets,
  files: Pick<FilesInPlace, "store">,
): SecretStore {
  let last: Promise<unknown> = Promise.resolve()
  /** The latest change that the storage has not confirmed yet. */
  let unconfirmed: Change | undefined
  let replacements = 0
  /** The program whose sign-in was used in place at the last read; undefined for this plugin's own sign-in. */
  let used: CredentialsChoice | undefined
  const enqueue = changeQueue(({ signIn }: Change) =>
    signIn === undefined ? secrets.delete(KEY) : secrets.set(KEY, formatStoredSignIn(signIn)),
  )

  async function make(change: Change): Promise<void> {
    const made = enqueue(change)
    try {
      await withTimeout(platform, ANSWER_MS, () => made)
      unconfirmed = undefined
    } catch (cause) {
      if (!(cause instanceof NoAnswerError)) throw notChangedError(change, cause)
      unconfirmed = change
      made.then(
        () => {
          if (unconfirmed === change) unconfirmed = undefined
        },
        (error: unknown) => platform.log.warn("Alma's secret storage refused a change after a long time.", { error }),
      )
      throw notConfirmedError("credential_not_stored", change)
    }
  }

  const lock: LockedStore = {
    isHeld: async () => true,
    reserveSpace: async () => {},
    async write(credential) {
      await make({ signIn: { credential } })
      return "stored"
    },
  }

  async function readStorage(): Promise<Read> {
    if (unconfirmed !== undefined) {
      const { signIn } = unconfirmed
      return signIn === undefined ? { problem: notConfirmedError("credential_unusable", unconfirmed) } : { signIn }
    }
    let text: unknown
    try {
      text = await withTimeout(platform, ANSWER_MS, () => secrets.get(KEY))
    } catch (error) {
      platform.log.warn("Alma's secret storage could not be read.", { error })
      return { problem: unreadableError(error) }
    }
    if (text === undefined || text === null || text === "") return {}
    const signIn = typeof text === "string" ? parseStoredSignIn(text) : undefined
    if (signIn === "newer") return { problem: unusableError("was written by a newer version of this plugin") }
    return signIn === undefined ? { problem: unusableError("is not complete") } : { signIn }
  }

  return {
    async read() {
      const { signIn, problem } = await readStorage()
      if (problem !== undefined) return { problem }
      used = signIn !== undefined && "inPlace" in signIn ? signIn.inPlace : undefined
      if (used !== undefined) return files.store(used).read()
      return signIn !== undefined && "credential" in signIn ? { credential: signIn.credential } : {}
    },
    clear: () => make({}),
    withLock(task, skipIf) {
      // Only a refresh uses the other program's lock. It has read the sign-in before.
      if (used !== undefined && replacements === 0) return files.store(used).withLock(task, skipIf)
      const result = last.then(() => task(lock))
      last = result.catch(() => {})
      return result
    },
    get refusalGraceMs() {
      return used === undefined ? undefined : files.store(used).refusalGraceMs
    },
    useInPlace: (choice) => make({ signIn: { inPlace: choice } }),
    async replacing(change) {
      replacements++
      try {
        return await change()
      } finally {
        replacements--
      }
    },
  }
}

function notChangedError({ signIn }: Change, cause: unknown): QwenAuthError {
  const what = signIn === undefined ? "removed" : "stored"
  return new QwenAuthError("credential_not_stored", `The sign-in could not be ${what} in Alma's secret storage.`, {
    remedy: "Unlock the system's keychain and try again.",
    cause,
  })
}

function notConfirmedError(code: "credential_not_stored" | "credential_unusable", { signIn }: Change): QwenAuthError {
  const [state, doubt, again] =
    signIn === undefined
      ? ["You are signed out", "may still be stored", "sign out again"]
      : ["You are signed in", "may not be stored", "sign in again"]
  return new QwenAuthError(code, `${state}, but Alma's secret storage did not answer: the sign-in ${doubt}.`, {
    remedy: `Unlock the system's keychain, then ${again}.`,
  })
}

function unreadableError(cause: unknown): QwenAuthError {
  return new QwenAuthError("credential_unusable", "Alma's secret storage could not be read.", {
    remedy: "Unlock the system's keychain and try again; the sign-in is kept.",
    cause,
  })
}

function unusableError(why: string): QwenAuthError {
  return new QwenAuthError("credential_unusable", `The stored sign-in ${why}.`)
}
