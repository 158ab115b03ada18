import { randomBytes } from "node:crypto"
import { keyPrefixOf, type PlanHost } from "../hosts/host.ts"

/** What a key was made as. */
export interface ApiKey {
  /** The host it was made for. */
  home: PlanHost
  /** Which models a Token Plan key may use. */
  tier: Tier
  /** The plan was not renewed in time. */
  lapsed: boolean
}

export const TIERS = ["team", "personal"] as const
export type Tier = (typeof TIERS)[number]

/** The API keys made since the start or the last reset. */
export class ApiKeys {
  /** Revoked keys are forgotten. */
  readonly #keys = new Map<string, ApiKey>()

  /** A new key, good on this host and on those that share its keys. */
  make(home: PlanHost, tier: Tier = "team"): string {
    const key = keyPrefixOf(home) + randomBytes(16).toString("hex")
    this.#keys.set(key, { home, tier, lapsed: false })
    return key
  }

  /** The key, if it was made and not revoked. */
  find(key: string | undefined): ApiKey | undefined {
    return key === undefined ? undefined : this.#keys.get(key)
  }

  /** Ends the plan of one key, or of all of them; returns how many worked until now. A key that pays as it goes has none to end. */
  lapse(key: string | null): number {
    const ending = [...this.#keys].filter(
      ([text, { home, lapsed }]) => home.plan !== "payg" && !lapsed && (key === null || text === key),
    )
    for (const [, known] of ending) known.lapsed = true
    return ending.length
  }

  /** Makes every host refuse every key made so far; returns how many it forgot. */
  revoke(): number {
    const revoked = this.#keys.size
    this.#keys.clear()
    return revoked
  }
}
