import { type ApiEndpoint, PLANS, type PlanId, type Region } from "../catalog/plans.ts"
import type { ApiKeyKind } from "../credentials/api-key.ts"

/** What is known about a key's endpoint, from the user or from the name of an environment variable. */
export interface KeyHint {
  readonly plan?: PlanId | undefined
  readonly region?: Region | undefined
  /** The endpoint at an address that the user gave, see `parseApiEndpoint`. */
  readonly endpoint?: ApiEndpoint | undefined
}

/**
 * Returns the endpoints that may accept a key of this kind and that match the hint, the most likely first. The prefix
 * `sk-sp-` does not distinguish the Coding Plan from the Token Plan.
 */
export function endpointsFor(kind: ApiKeyKind, hint: KeyHint = {}): readonly ApiEndpoint[] {
  if (hint.endpoint !== undefined) return [hint.endpoint]
  return PLANS.filter(({ id }) => (kind === "plan") === (id !== "pay-as-you-go"))
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ plan, region }) => (hint.plan ?? plan) === plan && (hint.region ?? region) === region)
}
