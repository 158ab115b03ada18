import type { ApiEndpoint } from "../catalog/plans.ts"
import { abortedError } from "../errors.ts"
import type { Platform } from "../platform.ts"
import { type CodingPlanOutcome, checkCodingPlanKey } from "./coding-plan-check.ts"
import { type ModelListOutcome, requestModelList } from "./model-list.ts"

/** The result of probing endpoints with a key. */
export type EndpointProbe =
  /** `endpoint` accepted the key. */
  | { readonly kind: "found"; readonly endpoint: ApiEndpoint; readonly models: readonly string[] }
  /** All endpoints rejected the key. */
  | { readonly kind: "refused" }
  /**
   * No endpoint accepted the key, and `candidates` gave no conclusion. `why`: the reason of the first of them. `untold`:
   * asking later would not tell more.
   */
  | {
      readonly kind: "unknown"
      readonly why: string
      readonly untold: boolean
      readonly candidates: readonly ApiEndpoint[]
    }

/** A key and how it is presented. */
export interface ProbedKey {
  readonly apiKey: string
  /** The host's `User-Agent`, which the Coding Plan asks for. */
  readonly userAgent?: string | undefined
}

interface ProbeResult {
  readonly endpoint: ApiEndpoint
  readonly outcome: ModelListOutcome | CodingPlanOutcome
}

/** Why two endpoints of the Coding Plan that both know a key tell nothing: a key belongs to one of them. */
const ALIKE = "both sites of the Coding Plan answer alike, whatever the key"

/**
 * Finds the endpoint that accepts a key. The model lists are requested first, all at once: the first one that accepts
 * the key wins, and the other requests are cancelled. A Coding Plan list is no proof, so its endpoints are asked for a
 * chat afterwards. The key is invalid only if all endpoints reject it.
 * @throws QwenAuthError `aborted`
 */
export async function probeEndpoints(
  platform: Platform,
  key: ProbedKey,
  endpoints: readonly ApiEndpoint[],
  signal?: AbortSignal,
): Promise<EndpointProbe> {
  const lists = endpoints.filter(({ plan }) => plan !== "coding-plan")
  const listed = await probeLists(platform, key.apiKey, lists, signal)
  if ("found" in listed) return listed.found
  const coding = endpoints.filter(({ plan }) => plan === "coding-plan")
  const asked = await probeCodingPlan(platform, key, coding, signal)
  if ("found" in asked) return asked.found
  return conclusion([...asked.results, ...listed.results])
}

type Found = Extract<EndpointProbe, { kind: "found" }>
type Probed = { readonly found: Found } | { readonly results: readonly ProbeResult[] }

async function probeLists(
  platform: Platform,
  apiKey: string,
  endpoints: readonly ApiEndpoint[],
  signal: AbortSignal | undefined,
): Promise<Probed> {
  const done = new AbortController()
  const anySignal = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal])
  const results: ProbeResult[] = []
  const probes = endpoints.map(async (endpoint): Promise<Found> => {
    const outcome = await requestModelList(platform, { baseUrl: endpoint.baseUrl, apiKey }, anySignal)
    results.push({ endpoint, outcome })
    if (outcome.kind !== "accepted") throw new Error(outcome.kind)
    return { kind: "found", endpoint, models: outcome.ids }
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

/** The answers are compared, so all of them are waited for. */
async function probeCodingPlan(
  platform: Platform,
  { apiKey, userAgent }: ProbedKey,
  endpoints: readonly ApiEndpoint[],
  signal: AbortSignal | undefined,
): Promise<Probed> {
  const results = await Promise.all(
    endpoints.map(async (endpoint): Promise<ProbeResult> => {
      const outcome = await checkCodingPlanKey(platform, { baseUrl: endpoint.baseUrl, apiKey }, userAgent, signal)
      return { endpoint, outcome }
    }),
  )
  const [accepted, another] = results.filter(({ outcome }) => outcome.kind === "accepted")
  if (accepted === undefined) return { results }
  if (another !== undefined)
    return { results: results.map(({ endpoint }) => ({ endpoint, outcome: { kind: "untold", why: ALIKE } })) }
  const { endpoint } = accepted
  // The key is known to be right, so the list can only say which models there are.
  const list = await requestModelList(platform, { baseUrl: endpoint.baseUrl, apiKey }, signal)
  return { found: { kind: "found", endpoint, models: list.kind === "accepted" ? list.ids : [] } }
}

function conclusion(results: readonly ProbeResult[]): EndpointProbe {
  const open = results.flatMap(({ endpoint, outcome }) =>
    outcome.kind === "unknown" || outcome.kind === "untold" ? [{ endpoint, ...outcome }] : [],
  )
  const untold = open.find(({ kind }) => kind === "untold")
  const first = untold ?? open[0]
  if (first === undefined) return { kind: "refused" }
  const candidates = open.map(({ endpoint }) => endpoint)
  return { kind: "unknown", why: first.why, untold: untold !== undefined, candidates }
}
