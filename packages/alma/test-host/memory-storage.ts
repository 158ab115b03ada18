import { setTimeout as sleep } from "node:timers/promises"
import * as v from "valibot"
import { asHost } from "./plugin-code.ts"
import type { Violations } from "./violations.ts"

/** The behaviour of the secret storage. `after` delays the answer until a promise settles, or by that many ms. */
type SecretsBehaviour =
  | "works"
  | "fails"
  | "never answers"
  | { readonly after: number | Promise<unknown> }
  | { readonly answers: unknown }

/** Alma's secret storage. Pass it to the next load to simulate a restart. */
export interface MemorySecrets {
  readonly values: Map<string, string>
  get: SecretsBehaviour
  set: SecretsBehaviour
  delete: SecretsBehaviour
  /** All calls in order, for example `get credential`. */
  readonly calls: string[]
}

export function memorySecrets(initial: Readonly<Record<string, string>> = {}): MemorySecrets {
  return { values: new Map(Object.entries(initial)), get: "works", set: "works", delete: "works", calls: [] }
}

const Key = v.pipe(v.string(), v.minLength(1, "a key must not be empty"))

/** Creates `context.storage.secrets`. */
export function secretsApi(secrets: MemorySecrets, violations: Violations) {
  async function call<T>(what: "get" | "set" | "delete", key: unknown, work: (key: string) => T): Promise<T | unknown> {
    const name = violations.parse(Key, key, `storage.secrets.${what}`)
    secrets.calls.push(`${what} ${name}`)
    const behaviour = secrets[what]
    if (behaviour === "works") return work(name)
    if (behaviour === "fails") throw new Error("The system's keychain is locked.")
    if (behaviour === "never answers") return new Promise(() => {})
    if ("answers" in behaviour) return behaviour.answers
    const { after } = behaviour
    await (typeof after === "number" ? asHost(() => sleep(after)) : after)
    return work(name)
  }
  return {
    get: (key: unknown) => call("get", key, (name) => secrets.values.get(name)),
    async set(key: unknown, value: unknown) {
      const text = violations.parse(v.string(), value, "storage.secrets.set: the value")
      await call("set", key, (name) => secrets.values.set(name, text))
    },
    async delete(key: unknown) {
      await call("delete", key, (name) => secrets.values.delete(name))
    },
  }
}

/** Creates `context.storage.local` or `.workspace`. Values are stored as JSON, as on disk. */
export function storageApi(name: string, values: Map<string, string>, violations: Violations) {
  const key = (given: unknown) => violations.parse(Key, given, `storage.${name}`)
  return {
    async get(given: unknown, fallback?: unknown): Promise<unknown> {
      const text = values.get(key(given))
      return text === undefined ? fallback : JSON.parse(text)
    },
    async set(given: unknown, value: unknown) {
      const text: string | undefined = JSON.stringify(value)
      if (text === undefined) violations.refuse(`storage.${name}.set: the value is not JSON`)
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
