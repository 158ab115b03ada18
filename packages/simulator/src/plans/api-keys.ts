import { createHash, randomBytes } from "node:crypto"
import { keyPrefixOf, type PlanHost } from "../hosts/host.ts"

/** The properties of a key. */
export interface ApiKey {
  /** The host that the key was created for. */
  home: PlanHost
  /** Which models a Token Plan key may use. */
  tier: Tier
  /** The plan was not renewed in time. */
  lapsed: boolean
}

export const TIERS = ["team", "personal"] as const
export type Tier = (typeof TIERS)[number]

/** The API keys created since the start or the last reset. */
export class ApiKeys {
  /** Revoked keys are forgotten. */
  readonly #keys = new Map<string, ApiKey>()

  /** Creates a key that is valid on this host and on those that share its keys. */
  make(home: PlanHost, tier: Tier = "team"): string {
    const key = keyPrefixOf(home) + randomBytes(16).toString("hex")
    this.#keys.set(key, { home, tier, lapsed: false })
    return key
  }

  /** The key, if it exists and is not revoked. */
  find(key: string | undefined): ApiKey | undefined {
    return key === undefined ? undefined : this.#keys.get(key)
  }

  /** Ends the plan of one key or of all keys. Returns how many were valid. Pay-as-you-go keys have no plan to end. */
  lapse(key: string | null): number {
    const ending = [...this.#keys].filter(
      ([text, { home, lapsed }]) => home.plan !== "payg" && !lapsed && (key === null || text === key),
    )
    for (const [, known] of ending) known.lapsed = true
    return ending.length
  }

  /** Revokes all keys on all hosts. Returns how many there were. */
  revoke(): number {
    const revoked = this.#keys.size
    this.#keys.clear()
    return revoked
  }
}

/** The obfuscated form of a key on a console's page. No host accepts it, and the key cannot be derived from it. */
export function obfuscatedKey(key: string): string {
  return `o1_${createHash("sha256").update(key).digest("base64url")}`
}
