import type { Desk } from "./desk.ts"

/** What a plugin gets for something it registered. */
export interface Disposable {
  dispose(): void
}

/** Things that a plugin registers and has to take back. */
export interface Registry<T> {
  add(id: string, entry: T): Disposable
  get(id: string): T | undefined
  all(): T[]
}

/** @param what how a refusal and the list of what was left call them, for example `command` */
export function registry<T>(what: string, { violations, leaks }: Desk): Registry<T> {
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

/** Something that a plugin may listen to. */
export interface Listeners<T> {
  on(listener: unknown): Disposable
  tell(news: T): void
}

/** @param what for example `settings.onDidChange` */
export function listeners<T>(what: string, { violations, leaks, run }: Desk): Listeners<T> {
  const all = new Set<(news: T) => unknown>()
  leaks.push(() => [...all].map(() => `listener of ${what}`))
  return {
    on(listener) {
      if (typeof listener !== "function") return violations.refuse(`${what}: the listener is no function`)
      // Each registration is one of its own, also of the same function.
      const entry = (news: T) => Reflect.apply(listener, undefined, [news])
      all.add(entry)
      return { dispose: () => void all.delete(entry) }
    },
    tell(news) {
      for (const listener of [...all]) run(() => listener(news))
    },
  }
}
