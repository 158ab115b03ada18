import { type ApiEndpoint, endpointLabel } from "../catalog/plans.ts"
import { parseApiKeyKind } from "../credentials/api-key.ts"
import type { ApiKeyCredential } from "../credentials/credential.ts"
import { QwenAuthError } from "../errors.ts"
import { nodePlatform, type Platform } from "../platform.ts"
import { allEndpoints, endpointsFor, type KeyHint } from "./key-endpoints.ts"
import { type EndpointProbe, probeEndpoints } from "./probe-endpoints.ts"

/** A key at the place where it belongs. */
export interface ResolvedKey {
  readonly credential: ApiKeyCredential
  /** The ids of the models it may use; empty when the service did not tell. */
  readonly models: readonly string[]
  /** The place accepted the key; false when it is only the one place that could not be asked. */
  readonly checked: boolean
}

/** Options of {@link resolveKeyEndpoint}. */
export interface ResolveKeyOptions {
  readonly apiKey: string
  /** What the user already knows. */
  readonly hint?: KeyHint | undefined
  readonly signal?: AbortSignal | undefined
  readonly platform?: Platform | undefined
}

const CONSOLE = "the Model Studio console (https://modelstudio.console.alibabacloud.com)"

/**
 * Finds out where a key belongs, as far as the hint leaves that open. With only one place left that did not refuse it, that is
 * it, also when it could not be asked.
 * @throws QwenAuthError `api_key_malformed`, `api_key_rejected`, `api_key_wrong_plan` (it works elsewhere),
 *   `service_unreachable` (cannot be told now), `aborted`
 */
export async function resolveKeyEndpoint(options: ResolveKeyOptions): Promise<ResolvedKey> {
  const { apiKey, hint = {}, signal, platform = nodePlatform() } = options
  const form = parseApiKeyKind(apiKey)
  const sites = endpointsFor(form, hint)
  const place = await probeEndpoints(platform, apiKey, sites, signal)
  const only = onlyCandidate(place)
  if (only !== undefined)
    return {
      credential: { type: "api_key", apiKey, ...only.site },
      models: only.models,
      checked: place.kind === "found",
    }
  if (place.kind === "unknown") throw undecided(place.why)
  const others = allEndpoints(form).filter((site) => !sites.some(({ baseUrl }) => baseUrl === site.baseUrl))
  const elsewhere = await probeEndpoints(platform, apiKey, others, signal)
  if (elsewhere.kind === "found") throw wrongPlan(elsewhere.site, sites)
  throw sites.length === 0 ? otherForm() : rejected(sites)
}

function onlyCandidate(place: EndpointProbe): { site: ApiEndpoint; models: readonly string[] } | undefined {
  if (place.kind === "found") return place
  const [first, second] = place.kind === "unknown" ? place.candidates : []
  return first === undefined || second !== undefined ? undefined : { site: first, models: [] }
}

function undecided(why: string): QwenAuthError {
  return new QwenAuthError(
    "service_unreachable",
    `The plan and region of this API key could not be detected (${why}).`,
    {
      remedy: "Check the network and proxy, or sign in again and choose the key's plan and region.",
    },
  )
}

function wrongPlan(works: ApiEndpoint, sites: readonly ApiEndpoint[]): QwenAuthError {
  const right = endpointLabel(works)
  const chosen = sites.length === 0 ? "the chosen plan" : names(sites)
  // A workspace's own host and the general one are of the same plan and region.
  const [is, not] = chosen === right ? [hostOf(works), sites.map(hostOf).join(", ")] : [right, chosen]
  return new QwenAuthError("api_key_wrong_plan", `This API key belongs to ${is}, not ${not}.`, {
    remedy: `Sign in again and choose ${right} or "Detect automatically".`,
  })
}

function otherForm(): QwenAuthError {
  return new QwenAuthError("api_key_wrong_plan", "This key does not match the chosen plan.", {
    remedy: "Coding Plan and Token Plan keys begin with sk-sp-; pay-as-you-go keys do not.",
  })
}

function rejected(sites: readonly ApiEndpoint[]): QwenAuthError {
  return new QwenAuthError("api_key_rejected", `Model Studio does not accept this API key for ${names(sites)}.`, {
    remedy: `Check in ${CONSOLE} that the key exists and its plan has not expired.`,
  })
}

function names(sites: readonly ApiEndpoint[]): string {
  return [...new Set(sites.map(endpointLabel))].join(", ")
}

function hostOf({ baseUrl }: ApiEndpoint): string {
  return new URL(baseUrl).host
}
