import type { Credential } from "qwen-auth-core"
import { formatStoredCredential } from "qwen-auth-core/internal"
import type { AlmaSecrets } from "../host.ts"

type Call = "get" | "set" | "delete"

/** Alma's secret storage in memory: it tells what was asked of it, and is slow or fails when the test says so. */
export interface MemorySecrets extends AlmaSecrets {
  readonly held: Map<string, string>
  /** Every call, in order. */
  readonly calls: Call[]
  /** Runs before each call does its work; what it throws is how the call fails. */
  before: (call: Call) => unknown
  /** What is stored of the sign-in. */
  stored(): string | undefined
}

/** @param stored the sign-in, or its text */
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
