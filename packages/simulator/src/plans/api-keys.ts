import { randomBytes } from "node:crypto"
import type { PlanHost } from "../hosts/host.ts"

/** The API keys made since the start or the last reset. */
export class ApiKeys {
  /** The one host that takes a key, by key; revoked keys are forgotten. */
  readonly #hosts = new Map<string, string>()

  /** A new key, good on this host only. */
  make(host: PlanHost): string {
    const key = host.keyPrefix + randomBytes(16).toString("hex")
    this.#hosts.set(key, host.name)
    return key
  }

  accepts(key: string, host: PlanHost): boolean {
    return this.#hosts.get(key) === host.name
  }

  /** Makes every host refuse every key made so far; returns how many worked until now. */
  revoke(): number {
    const revoked = this.#hosts.size
    this.#hosts.clear()
    return revoked
  }
}
