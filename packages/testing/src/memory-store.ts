import { type Credential, type CredentialStore, type LockedStore, QwenAuthError, type Stored } from "qwen-auth-core"
import { gate } from "./gate.ts"

/** A store in memory. It counts reads and writes, and a test can make it fail. */
export interface MemoryStore extends CredentialStore {
  /** The stored value. A test assigns it to play another process. */
  stored: Stored
  reads: number
  writes: Credential[]
  /** The disk is full: writes fail. */
  full: boolean
  /** Another process holds the lock and does not release it. */
  locked: boolean
  /** Another process took the lock over: the next write of the current holder is lost, and the lock is then free. */
  takenOver: boolean
}

export function memoryStore(credential?: Credential): MemoryStore {
  let last: Promise<unknown> = Promise.resolve()
  const store: MemoryStore = {
    stored: credential === undefined ? {} : { credential },
    reads: 0,
    writes: [],
    full: false,
    locked: false,
    takenOver: false,
    async read() {
      store.reads++
      return store.stored
    },
    async clear() {
      store.stored = {}
    },
    async withLock(task, skipIf) {
      if (store.locked) {
        const found = await skipIf?.()
        if (found !== undefined) return found
        throw new QwenAuthError("credential_locked", "Another process does not finish.")
      }
      const lost = gate()
      const requireSpace = () => {
        if (store.full) throw new QwenAuthError("credential_not_stored", "The disk is full.")
      }
      const lock: LockedStore = {
        isHeld: async () => !store.takenOver,
        reserveSpace: async () => requireSpace(),
        async write(replacement) {
          requireSpace()
          if (store.takenOver) {
            store.takenOver = false
            lost.open()
            return "lost"
          }
          store.writes.push(replacement)
          store.stored = { credential: replacement }
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
