import type { HostState } from "./host-state.ts"

/** Removes a registration. */
export interface Disposable {
  dispose(): void
}

/** Things that a plugin registers and must remove. */
export interface Registry<T> {
  add(id: string, entry: T): Disposable
  get(id: string): T | undefined
  all(): T[]
}

/** @param what the kind of entry in error messages and leaks, for example `command` */
export function registry<T>(what: string, { violations, leaks }: HostState): Registry<T> {
  const entries = new Map<string, T>()
  leaks.push(() => [...entries.keys()].map((id) => `${what} ${id}`))
  return {
    add(id, entry) {
      if (entries.has(id)) violations.refuse(`The ${what} ${id} is registered already.`)
      entries.set(id, entry)
      return {
        dispose() {
          if (entries.get(id) === entry) entries.delete(id)
        },
      }
    },
    get: (id) => entries.get(id),
    all: () => [...entries.values()],
  }
}

/** An event that a plugin may listen to. */
export interface Listeners<T> {
  on(listener: unknown): Disposable
  emit(event: T): void
}

/** @param what the name of the event, for example `settings.onDidChange` */
export function listeners<T>(what: string, { violations, leaks, run }: HostState): Listeners<T> {
  const all = new Set<(event: T) => unknown>()
  leaks.push(() => [...all].map(() => `listener of ${what}`))
  return {
    on(listener) {
      if (typeof listener !== "function") return violations.refuse(`${what}: the listener is not a function`)
      // Registering the same function twice adds two listeners.
      const entry = (event: T) => Reflect.apply(listener, undefined, [event])
      all.add(entry)
      return { dispose: () => void all.delete(entry) }
    },
    emit(event) {
      for (const listener of [...all]) run(() => listener(event))
    },
  }
}
