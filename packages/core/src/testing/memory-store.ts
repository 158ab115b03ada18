import type { OAuthCredential } from "../credentials/credential.ts"
import type { CredentialStore, Stored } from "../credentials/credential-store.ts"
import { QwenAuthError } from "../errors.ts"

/** A store in memory that counts what is asked of it and fails when told to. */
export interface MemoryStore extends CredentialStore {
  /** What is stored; a test assigns it to play another process. */
  held: Stored
  reads: number
  writes: OAuthCredential[]
  full: boolean
}

export function memoryStore(credential?: OAuthCredential): MemoryStore {
  let last: Promise<unknown> = Promise.resolve()
  const store: MemoryStore = {
    held: credential === undefined ? {} : { credential },
    reads: 0,
    writes: [],
    full: false,
    async read() {
      store.reads++
      return store.held
    },
    async write(replacement) {
      if (store.full) throw new QwenAuthError("credential_not_stored", "The disk is full.")
      store.writes.push(replacement)
      store.held = { credential: replacement }
    },
    async clear() {
      store.held = {}
    },
    exclusive(task) {
      const turn = last.then(task, task)
      last = turn.catch(() => {})
      return turn
    },
  }
  return store
}
