import type { ApiEndpoint } from "../catalog/plans.ts"
import { abortedError } from "../errors.ts"
import type { Platform } from "../platform.ts"
import { type ModelListOutcome, requestModelList } from "./model-list.ts"

/** The result of probing endpoints with a key. */
export type EndpointProbe =
  /** `endpoint` accepted the key. */
  | { readonly kind: "found"; readonly endpoint: ApiEndpoint; readonly models: readonly string[] }
  /** All endpoints rejected the key. */
  | { readonly kind: "refused" }
  /** No endpoint accepted the key, and `candidates` gave no conclusion. `why`: the reason of the first of them. */
  | { readonly kind: "unknown"; readonly why: string; readonly candidates: readonly ApiEndpoint[] }

interface ProbeResult {
  readonly endpoint: ApiEndpoint
  readonly outcome: ModelListOutcome
}

/**
 * Finds the endpoint that accepts a key by requesting the model list of all endpoints at once. The first one that
 * accepts the key wins, and the other requests are cancelled. The key is invalid only if all endpoints reject it.
 * @throws QwenAuthError `aborted`
 */
export async function probeEndpoints(
  platform: Platform,
  apiKey: string,
  endpoints: readonly ApiEndpoint[],
  signal?: AbortSignal,
): Promise<EndpointProbe> {
  const done = new AbortController()
  const anySignal = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal])
  const results: ProbeResult[] = []
  const probes = endpoints.map(async (endpoint) => {
    const outcome = await requestModelList(platform, { baseUrl: endpoint.baseUrl, apiKey }, anySignal)
    results.push({ endpoint, outcome })
    if (outcome.kind !== "accepted") throw new Error(outcome.kind)
    return { kind: "found", endpoint, models: outcome.ids } as const
  })
  try {
    return await Promise.any(probes)
  } catch {
    if (signal?.aborted) throw abortedError(signal)
    return inconclusive(results)
  } finally {
    done.abort()
  }
}

function inconclusive(results: readonly ProbeResult[]): EndpointProbe {
  const unknown = results.flatMap(({ endpoint, outcome }) =>
    outcome.kind === "unknown" ? [{ endpoint, why: outcome.why }] : [],
  )
  const [first] = unknown
  if (first === undefined) return { kind: "refused" }
  return { kind: "unknown", why: first.why, candidates: unknown.map(({ endpoint }) => endpoint) }
}
