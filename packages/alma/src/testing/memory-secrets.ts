import type { Credential } from "qwen-auth-core"
import { formatStoredCredential } from "qwen-auth-core/internal"
import type { AlmaSecrets } from "../host.ts"

type Call = "get" | "set" | "delete"

/** Alma's secret storage in memory. It records calls, and a test can delay them or make them fail. */
export interface MemorySecrets extends AlmaSecrets {
  readonly held: Map<string, string>
  /** Every call, in order. */
  readonly calls: Call[]
  /** Runs before each call. An error that it throws is the result of the call. */
  before: (call: Call) => unknown
  /** The stored text of the sign-in. */
  stored(): string | undefined
}

/** @param stored the stored sign-in, or its text */
export function memorySecrets(stored?: Credential | string): MemorySecrets {
  const held = new Map<string, string>()
  if (stored !== undefined) held.set("credential", typeof stored === "string" ? stored : formatStoredCredential(stored))
  const calls: Call[] = []
  const called = async (call: Call) => {
    calls.push(call)
    await secrets.before(call)
  }
  const secrets: MemorySecrets = {
    held,
    calls,
    before: () => {},
    stored: () => held.get("credential"),
    async get(key) {
      await called("get")
      return held.get(key)
    },
    async set(key, value) {
      await called("set")
      held.set(key, value)
    },
    async delete(key) {
      await called("delete")
      held.delete(key)
    },
  }
  return secrets
}
