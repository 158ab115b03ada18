import { type ApiEndpoint, endpointLabel, KEY_PAGES } from "../catalog/plans.ts"
import { parseApiKeyKind } from "../credentials/api-key.ts"
import type { ApiKeyCredential } from "../credentials/credential.ts"
import { QwenAuthError } from "../errors.ts"
import { nodePlatform, type Platform } from "../platform.ts"
import { endpointsFor, type KeyHint } from "./key-endpoints.ts"
import { probeEndpoints } from "./probe-endpoints.ts"

/** A key with its endpoint. */
export interface ResolvedKey {
  readonly credential: ApiKeyCredential
  /** The ids of the models that the key may use. Empty if the service did not list them. */
  readonly models: readonly string[]
  /** True if the endpoint accepted the key. False if it is the only candidate but gave no conclusion. */
  readonly checked: boolean
}

/** Options of {@link resolveKeyEndpoint}. */
interface ResolveKeyOptions {
  readonly apiKey: string
  /** What the user already knows. */
  readonly hint?: KeyHint | undefined
  /** The host's `User-Agent`, by which the Coding Plan recognises coding agents. Without it, the plan may not check a key. */
  readonly userAgent?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly platform?: Platform | undefined
}

/**
 * Finds the endpoint of a key by probing the endpoints that match the hint. If all but one of them reject the key, it
 * returns the remaining one, even if that one gave no conclusion.
 * @throws QwenAuthError `api_key_malformed`, `api_key_rejected`, `api_key_wrong_plan` (the key does not match the
 *   hint), `api_key_undetermined` (the user has to choose), `service_unreachable` (no conclusion now), `aborted`
 */
export async function resolveKeyEndpoint(options: ResolveKeyOptions): Promise<ResolvedKey> {
  const { apiKey, hint = {}, userAgent, signal, platform = nodePlatform() } = options
  const kind = parseApiKeyKind(apiKey)
  const endpoints = endpointsFor(kind, hint)
  const probe = await probeEndpoints(platform, { apiKey, userAgent }, endpoints, signal)
  if (probe.kind === "found") return resolved(apiKey, probe.endpoint, probe.models)
  if (probe.kind === "unknown") {
    const [first, second] = probe.candidates
    if (first !== undefined && second === undefined) return resolved(apiKey, first)
    throw probe.permanent ? undeterminedError(probe.why) : unreachableError(probe.why)
  }
  const others = endpointsFor(kind).filter((other) => !endpoints.some(({ baseUrl }) => baseUrl === other.baseUrl))
  const elsewhere = await probeEndpoints(platform, { apiKey, userAgent }, others, signal)
  if (elsewhere.kind === "found") throw wrongPlanError(elsewhere.endpoint, endpoints)
  throw endpoints.length === 0 ? wrongKindError() : rejectedError(endpoints)
}

/** @param models undefined if the endpoint gave no conclusion */
function resolved(apiKey: string, endpoint: ApiEndpoint, models?: readonly string[]): ResolvedKey {
  return {
    credential: { type: "api_key", apiKey, ...endpoint },
    models: models ?? [],
    checked: models !== undefined,
  }
}

function unreachableError(why: string): QwenAuthError {
  return new QwenAuthError(
    "service_unreachable",
    `The plan and region of this API key could not be detected (${why}).`,
    {
      remedy: "Check the network and proxy, or sign in again and choose the key's plan and region.",
    },
  )
}

function undeterminedError(why: string): QwenAuthError {
  return new QwenAuthError("api_key_undetermined", `The plan and region of this API key cannot be detected: ${why}.`, {
    remedy: "Sign in again and choose the key's plan and region.",
  })
}

function wrongPlanError(found: ApiEndpoint, probed: readonly ApiEndpoint[]): QwenAuthError {
  const correct = endpointLabel(found)
  const chosen = probed.length === 0 ? "the chosen plan" : labels(probed)
  // A workspace's own host and the general one have the same plan and region.
  const [actual, expected] = chosen === correct ? [hostOf(found), probed.map(hostOf).join(", ")] : [correct, chosen]
  return new QwenAuthError("api_key_wrong_plan", `This API key belongs to ${actual}, not ${expected}.`, {
    remedy: `Sign in again and choose ${correct} or "Detect automatically".`,
  })
}

function wrongKindError(): QwenAuthError {
  return new QwenAuthError("api_key_wrong_plan", "This key does not match the chosen plan.", {
    remedy: "Coding Plan and Token Plan keys begin with sk-sp-; pay-as-you-go keys do not.",
  })
}

function rejectedError(endpoints: readonly ApiEndpoint[]): QwenAuthError {
  const message = `Qwen Cloud (Model Studio) does not accept this API key for ${labels(endpoints)}.`
  return new QwenAuthError("api_key_rejected", message, {
    remedy:
      "Check that the key exists and its plan has not expired; a plan that was renewed late has a new key: " +
      `${KEY_PAGES.international} (China: ${KEY_PAGES.china}).`,
  })
}

function labels(endpoints: readonly ApiEndpoint[]): string {
  return [...new Set(endpoints.map(endpointLabel))].join(", ")
}

function hostOf({ baseUrl }: ApiEndpoint): string {
  return new URL(baseUrl).host
}
