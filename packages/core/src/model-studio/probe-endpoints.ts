import type { ApiEndpoint } from "../catalog/plans.ts"
import { abortedError } from "../errors.ts"
import type { Platform } from "../platform.ts"
import { type KeyCheck, noConclusion } from "./check-key.ts"
import { checkCodingPlanKey } from "./coding-plan-check.ts"
import { requestModelList } from "./model-list.ts"

/** The result of probing endpoints with a key. */
export type EndpointProbe =
  /** `endpoint` accepted the key. */
  | { readonly kind: "found"; readonly endpoint: ApiEndpoint; readonly models: readonly string[] }
  /** All endpoints rejected the key. */
  | { readonly kind: "refused" }
  /**
   * No endpoint accepted the key, and `candidates` gave no conclusion. `why` is the reason of one of them. `permanent`
   * is true if a later probe would have the same result.
   */
  | {
      readonly kind: "unknown"
      readonly why: string
      readonly permanent: boolean
      readonly candidates: readonly ApiEndpoint[]
    }

/** A key and how it is presented. */
interface ProbedKey {
  readonly apiKey: string
  /** The host's `User-Agent`, by which the Coding Plan recognises coding agents. */
  readonly userAgent?: string | undefined
}

interface ProbeResult {
  readonly endpoint: ApiEndpoint
  readonly check: KeyCheck
}

type Found = Extract<EndpointProbe, { kind: "found" }>
type Probed = { readonly found: Found } | { readonly results: readonly ProbeResult[] }

/** Why nothing follows if both endpoints of the Coding Plan accept a key: it belongs to one of them. */
const ALIKE = "both sites of the Coding Plan answer alike, whatever the key"

/**
 * Finds the endpoint that accepts a key. The model lists are requested first, all at once: the first one that accepts
 * the key wins, and the other requests are cancelled. A model list of the Coding Plan proves nothing, so the key is
 * checked there afterwards with a chat. The key is invalid only if all endpoints reject it.
 * @throws QwenAuthError `aborted`
 */
export async function probeEndpoints(
  platform: Platform,
  key: ProbedKey,
  endpoints: readonly ApiEndpoint[],
  signal?: AbortSignal,
): Promise<EndpointProbe> {
  const others = endpoints.filter(({ plan }) => plan !== "coding-plan")
  const listed = await probeLists(platform, key, others, signal)
  if ("found" in listed) return listed.found
  const coding = endpoints.filter(({ plan }) => plan === "coding-plan")
  const checked = await probeCodingPlan(platform, key, coding, signal)
  if ("found" in checked) return checked.found
  return conclusion([...checked.results, ...listed.results])
}

async function probeLists(
  platform: Platform,
  { apiKey }: ProbedKey,
  endpoints: readonly ApiEndpoint[],
  signal: AbortSignal | undefined,
): Promise<Probed> {
  const done = new AbortController()
  const anySignal = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal])
  const results: ProbeResult[] = []
  const probes = endpoints.map(async (endpoint): Promise<Found> => {
    const check = await requestModelList(platform, { baseUrl: endpoint.baseUrl, apiKey }, anySignal)
    results.push({ endpoint, check })
    if (check.kind !== "accepted") throw new Error(check.kind)
    return { kind: "found", endpoint, models: check.ids }
  })
  try {
    return { found: await Promise.any(probes) }
  } catch {
    if (signal?.aborted) throw abortedError(signal)
    return { results }
  } finally {
    done.abort()
  }
}

/** Waits for all results, because they are compared. */
async function probeCodingPlan(
  platform: Platform,
  { apiKey, userAgent }: ProbedKey,
  endpoints: readonly ApiEndpoint[],
  signal: AbortSignal | undefined,
): Promise<Probed> {
  const probes = endpoints.map(async (endpoint) => {
    const check = await checkCodingPlanKey(platform, { baseUrl: endpoint.baseUrl, apiKey }, userAgent, signal)
    return { endpoint, check }
  })
  const results = await Promise.all(probes)
  const [accepted, another] = results.filter(({ check }) => check.kind === "accepted")
  if (accepted === undefined) return { results }
  if (another !== undefined)
    return { results: endpoints.map((endpoint) => ({ endpoint, check: noConclusion(ALIKE, true) })) }
  const { endpoint } = accepted
  // The key is valid here, so the list can only add the models.
  const list = await requestModelList(platform, { baseUrl: endpoint.baseUrl, apiKey }, signal)
  return { found: { kind: "found", endpoint, models: list.kind === "accepted" ? list.ids : [] } }
}

function conclusion(results: readonly ProbeResult[]): EndpointProbe {
  const open = results.flatMap(({ endpoint, check }) => (check.kind === "unknown" ? [{ endpoint, ...check }] : []))
  const first = open.find(({ permanent }) => permanent) ?? open[0]
  if (first === undefined) return { kind: "refused" }
  const { kind, why, permanent } = first
  return { kind, why, permanent, candidates: open.map(({ endpoint }) => endpoint) }
}
