import type { PlanSite } from "../catalog/plans.ts"
import { abortedError } from "../errors.ts"
import type { World } from "../world.ts"
import { type ModelListOutcome, requestModelList } from "./model-list.ts"

/** Where a key belongs, as far as it can be told. */
export type KeyPlace =
  | { readonly kind: "found"; readonly site: PlanSite; readonly models: readonly string[] }
  /** Every place said no. */
  | { readonly kind: "refused" }
  /** No place said yes; `candidates` did not say no either. `why`: the first trouble, in words. */
  | { readonly kind: "unknown"; readonly why: string; readonly candidates: readonly PlanSite[] }

/** One place's answer. */
interface Told {
  readonly site: PlanSite
  readonly outcome: ModelListOutcome
}

/**
 * Finds out where a key works, by the read-only list of models: all places are asked at once, and the first that accepts the
 * key is it. Only a definite refusal by all means a wrong key.
 * @throws QwenAuthError `aborted`
 */
export async function findKeySite(
  world: World,
  apiKey: string,
  sites: readonly PlanSite[],
  signal?: AbortSignal,
): Promise<KeyPlace> {
  const enough = new AbortController()
  const either = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal])
  const told: Told[] = []
  const asked = sites.map(async (site) => {
    const outcome = await requestModelList(world, { baseUrl: site.baseUrl, apiKey }, either)
    told.push({ site, outcome })
    if (outcome.kind !== "accepted") throw new Error(outcome.kind)
    return { kind: "found", site, models: outcome.ids } as const
  })
  try {
    return await Promise.any(asked)
  } catch {
    if (signal?.aborted) throw abortedError(signal)
    return undecided(told)
  } finally {
    enough.abort()
  }
}

function undecided(told: readonly Told[]): KeyPlace {
  const open = told.flatMap(({ site, outcome }) => (outcome.kind === "unknown" ? [{ site, why: outcome.why }] : []))
  const [first] = open
  if (first === undefined) return { kind: "refused" }
  return { kind: "unknown", why: first.why, candidates: open.map(({ site }) => site) }
}
