import type { Credential } from "qwen-auth-core"
import { formatStoredCredential } from "qwen-auth-core/internal"
import type { AlmaSecrets } from "../host.ts"

type Call = "get" | "set" | "delete"

/** Alma's secret storage in memory. It records calls, and a test can delay them or make them fail. */
export interface MemorySecrets extends AlmaSecrets {
  readonly values: Map<string, string>
  /** Every call, in order. */
  readonly calls: Call[]
  /** Runs before each call. An error that it throws is the result of the call. */
  before: (call: Call) => unknown
  /** The stored text of the sign-in. */
  stored(): string | undefined
}

/** @param stored the stored sign-in, or its text */
export function memorySecrets(stored?: Credential | string): MemorySecrets {
  const values = new Map<string, string>()
  if (stored !== undefined)
    values.set("credential", typeof stored === "string" ? stored : formatStoredCredential(stored))
  const calls: Call[] = []
  const called = async (call: Call) => {
    calls.push(call)
    await secrets.before(call)
  }
  const secrets: MemorySecrets = {
    values,
    calls,
    before: () => {},
    stored: () => values.get("credential"),
    async get(key) {
      await called("get")
      return values.get(key)
    },
    async set(key, value) {
      await called("set")
      values.set(key, value)
    },
    async delete(key) {
      await called("delete")
      values.delete(key)
    },
  }
  return secrets
}
