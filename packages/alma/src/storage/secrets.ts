import { type Credential, QwenAuthError, type World } from "qwen-auth-core"
import type { AlmaSecrets } from "../host.ts"
import { formatSignIn, parseSignIn } from "./stored-sign-in.ts"

/** Under which Alma keeps the sign-in. */
const KEY = "credential"
/** A keychain may ask the person; it answers within this or counts as failing, ms. */
const ANSWER_MS = 15_000

/** What Alma's secret storage holds of a sign-in; `problem`: why what is there cannot be used. */
interface StoredSignIn {
  readonly credential?: Credential
  readonly problem?: QwenAuthError
}

/** The one sign-in in Alma's secret storage. */
export interface SignInSecrets {
  /** Never throws. */
  read(): Promise<StoredSignIn>
  /** @throws QwenAuthError `credential_not_stored` */
  write(credential: Credential): Promise<void>
  /** @throws QwenAuthError `credential_not_stored` */
  clear(): Promise<void>
}

export function signInSecrets(world: Pick<World, "sleep" | "log">, secrets: AlmaSecrets): SignInSecrets {
  const inTime = bounded(world)
  return {
    async read() {
      let text: unknown
      try {
        text = await inTime(() => secrets.get(KEY))
      } catch (error) {
        world.log.warn("Alma's secret storage could not be read.", { error })
        return { problem: unreadable(error) }
      }
      if (text === undefined || text === null || text === "") return {}
      const credential = typeof text === "string" ? parseSignIn(text) : undefined
      if (credential === "newer") return { problem: unusable("was written by a newer version of this plugin") }
      return credential === undefined ? { problem: unusable("is not complete") } : { credential }
    },
    write: (credential) => changed(inTime, () => secrets.set(KEY, formatSignIn(credential)), "stored"),
    clear: () => changed(inTime, () => secrets.delete(KEY), "removed"),
  }
}

type Bounded = <T>(task: () => Promise<T>) => Promise<T>

function bounded(world: Pick<World, "sleep">): Bounded {
  return async (task) => {
    const timer = new AbortController()
    const late = world.sleep(ANSWER_MS, timer.signal).then(() => {
      throw new Error("no answer")
    })
    late.catch(() => {})
    try {
      return await Promise.race([task(), late])
    } finally {
      timer.abort()
    }
  }
}

async function changed(inTime: Bounded, task: () => Promise<void>, what: "stored" | "removed"): Promise<void> {
  try {
    await inTime(task)
  } catch (cause) {
    throw new QwenAuthError("credential_not_stored", `The sign-in could not be ${what} in Alma's secret storage.`, {
      remedy: "Unlock the system's keychain and try again.",
      cause,
    })
  }
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
