import { type Credential, type CredentialStore, type LockedStore, QwenAuthError, type Stored } from "qwen-auth-core"
import { gate } from "./gate.ts"

/** A store in memory that counts what is asked of it and fails when told to. */
export interface MemoryStore extends CredentialStore {
  /** What is stored; a test assigns it to play another process. */
  held: Stored
  reads: number
  writes: Credential[]
  full: boolean
  /** The turn does not come: another process keeps it, and stores nothing unless the test does it. */
  locked: boolean
  /** Another process took the present turn over: its next write is lost, and the turn after it may begin. */
  takenOver: boolean
}

export function memoryStore(credential?: Credential): MemoryStore {
  let last: Promise<unknown> = Promise.resolve()
  const store: MemoryStore = {
    held: credential === undefined ? {} : { credential },
    reads: 0,
    writes: [],
    full: false,
    locked: false,
    takenOver: false,
    async read() {
      store.reads++
      return store.held
    },
    async clear() {
      store.held = {}
    },
    async withLock(task, skipIf) {
      if (store.locked) {
        const found = await skipIf?.()
        if (found !== undefined) return found
        throw new QwenAuthError("credential_locked", "Another process does not finish.")
      }
      const lost = gate()
      const room = () => {
        if (store.full) throw new QwenAuthError("credential_not_stored", "The disk is full.")
      }
      const lock: LockedStore = {
        isHeld: async () => !store.takenOver,
        reserveSpace: async () => room(),
        async write(replacement) {
          room()
          if (store.takenOver) {
            store.takenOver = false
            lost.open()
            return "lost"
          }
          store.writes.push(replacement)
          store.held = { credential: replacement }
          return "stored"
        },
      }
      const result = last.then(() => task(lock))
      last = Promise.race([result, lost.promise]).catch(() => {})
      return result
    },
  }
  return store
}
