import type { ApiEndpoint } from "../catalog/plans.ts"
import { abortedError } from "../errors.ts"
import type { Platform } from "../platform.ts"
import { type ModelListOutcome, requestModelList } from "./model-list.ts"

/** Where a key belongs, as far as it can be told. */
export type EndpointProbe =
  | { readonly kind: "found"; readonly site: ApiEndpoint; readonly models: readonly string[] }
  /** Every place said no. */
  | { readonly kind: "refused" }
  /** No place said yes; `candidates` did not say no either. `why`: the first trouble, in words. */
  | { readonly kind: "unknown"; readonly why: string; readonly candidates: readonly ApiEndpoint[] }

/** One place's answer. */
interface ProbeResult {
  readonly site: ApiEndpoint
  readonly outcome: ModelListOutcome
}

/**
 * Finds out where a key works, by the read-only list of models: all places are asked at once, and the first that accepts the
 * key is it. Only a definite refusal by all means a wrong key.
 * @throws QwenAuthError `aborted`
 */
export async function probeEndpoints(
  platform: Platform,
  apiKey: string,
  sites: readonly ApiEndpoint[],
  signal?: AbortSignal,
): Promise<EndpointProbe> {
  const enough = new AbortController()
  const either = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal])
  const told: ProbeResult[] = []
  const asked = sites.map(async (site) => {
    const outcome = await requestModelList(platform, { baseUrl: site.baseUrl, apiKey }, either)
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

function undecided(told: readonly ProbeResult[]): EndpointProbe {
  const open = told.flatMap(({ site, outcome }) => (outcome.kind === "unknown" ? [{ site, why: outcome.why }] : []))
  const [first] = open
  if (first === undefined) return { kind: "refused" }
  return { kind: "unknown", why: first.why, candidates: open.map(({ site }) => site) }
}
