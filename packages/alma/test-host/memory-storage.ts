import { setTimeout as sleep } from "node:timers/promises"
import * as v from "valibot"
import { asHost } from "./plugin-code.ts"
import type { Violations } from "./violations.ts"

/** How Alma's secret storage answers. Hand in a promise, or ms, for one that is slow. */
type SecretsMood =
  | "works"
  | "fails"
  | "never answers"
  | { readonly after: number | Promise<unknown> }
  | { readonly answers: unknown }

/** Alma's secret storage. Hand the same one to the next load: Alma was restarted. */
export interface MemorySecrets {
  readonly values: Map<string, string>
  get: SecretsMood
  set: SecretsMood
  delete: SecretsMood
  /** What was asked, in order: `get credential`. */
  readonly calls: string[]
}

export function memorySecrets(initial: Readonly<Record<string, string>> = {}): MemorySecrets {
  return { values: new Map(Object.entries(initial)), get: "works", set: "works", delete: "works", calls: [] }
}

const Key = v.pipe(v.string(), v.minLength(1, "a key must not be empty"))

/** `context.storage.secrets` over a store. */
export function secretsApi(secrets: MemorySecrets, violations: Violations) {
  async function asked<T>(
    what: "get" | "set" | "delete",
    key: unknown,
    work: (key: string) => T,
  ): Promise<T | unknown> {
    const name = violations.parse(Key, key, `storage.secrets.${what}`)
    secrets.calls.push(`${what} ${name}`)
    const mood = secrets[what]
    if (mood === "works") return work(name)
    if (mood === "fails") throw new Error("The system's keychain is locked.")
    if (mood === "never answers") return new Promise(() => {})
    if ("answers" in mood) return mood.answers
    const { after } = mood
    await (typeof after === "number" ? asHost(() => sleep(after)) : after)
    return work(name)
  }
  return {
    get: (key: unknown) => asked("get", key, (name) => secrets.values.get(name)),
    async set(key: unknown, value: unknown) {
      const text = violations.parse(v.string(), value, "storage.secrets.set: the value")
      await asked("set", key, (name) => secrets.values.set(name, text))
    },
    async delete(key: unknown) {
      await asked("delete", key, (name) => secrets.values.delete(name))
    },
  }
}

/** `context.storage.local` or `.workspace`: values are kept as JSON, as on a disk. */
export function storageApi(name: string, values: Map<string, string>, violations: Violations) {
  const key = (given: unknown) => violations.parse(Key, given, `storage.${name}`)
  return {
    async get(given: unknown, fallback?: unknown): Promise<unknown> {
      const text = values.get(key(given))
      return text === undefined ? fallback : JSON.parse(text)
    },
    async set(given: unknown, value: unknown) {
      const text: string | undefined = JSON.stringify(value)
      if (text === undefined) violations.refuse(`storage.${name}.set: the value is no JSON`)
      values.set(key(given), text)
    },
    async delete(given: unknown) {
      values.delete(key(given))
    },
    keys: async () => [...values.keys()],
    async clear() {
      values.clear()
    },
  }
}
