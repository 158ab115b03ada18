import { type ApiEndpoint, PAY_AS_YOU_GO, PLANS, type PlanId, type Region } from "../catalog/plans.ts"
import type { ApiKeyKind } from "../credentials/api-key.ts"
import { QwenAuthError } from "../errors.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/** What is known about a key's endpoint, from the user or from the name of an environment variable. */
export interface KeyHint {
  readonly plan?: PlanId | undefined
  readonly region?: Region | undefined
  /** A workspace's own API address, see {@link parseApiEndpoint}. */
  readonly endpoint?: ApiEndpoint | undefined
}

/** Returns the endpoints that may accept a key of this kind and that match the hint, the most likely first. */
export function endpointsFor(kind: ApiKeyKind, hint: KeyHint = {}): readonly ApiEndpoint[] {
  if (hint.endpoint !== undefined) return [hint.endpoint]
  return allEndpoints(kind).filter(
    ({ plan, region }) => (hint.plan ?? plan) === plan && (hint.region ?? region) === region,
  )
}

/** Returns all endpoints for this kind of key. `sk-sp-` does not distinguish Coding Plan from Token Plan. */
export function allEndpoints(kind: ApiKeyKind): readonly ApiEndpoint[] {
  return PLANS.filter(({ id }) => (kind === "plan") === (id !== "pay-as-you-go")).flatMap(({ endpoints }) => endpoints)
}

/** The region of a workspace, by its host name. */
const WORKSPACE_REGIONS: readonly (readonly [RegExp, Region])[] = [
  [/\.cn-hongkong\./, "hongkong"],
  [/\.cn-/, "china"],
  [/\.us-/, "us"],
]
/** Paths that users copy along with a host. Requests always go to the compatible API. */
const COPIED_PATH = /^\/*$|^\/(?:compatible-mode|v1)(?:\/|$)/

/**
 * Parses the address of an endpoint that the user entered: the pay-as-you-go host of a workspace,
 * `https://{WorkspaceId}.{region}.maas.aliyuncs.com`, or one of the known endpoints.
 * @param address a host name or URL, copied from the console
 * @throws QwenAuthError `invalid_endpoint` if it is not a Model Studio API address
 */
export function parseApiEndpoint(address: string): ApiEndpoint {
  const trimmed = address.trim()
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  if (url === undefined || !isAllowedApiUrl(url) || url.search || url.hash) throw invalidEndpoint(trimmed)
  if (!COPIED_PATH.test(url.pathname)) throw invalidEndpoint(trimmed)
  const known = PLANS.flatMap(({ endpoints }) => endpoints).find(({ baseUrl }) => new URL(baseUrl).host === url.host)
  if (known !== undefined) return known
  if (!url.hostname.endsWith(".maas.aliyuncs.com")) throw invalidEndpoint(trimmed)
  const [, region = "international"] = WORKSPACE_REGIONS.find(([pattern]) => pattern.test(url.hostname)) ?? []
  return { plan: PAY_AS_YOU_GO.id, region, baseUrl: `${url.origin}/compatible-mode/v1` }
}

/** The text may contain a password or be a key, so both are removed from the message. */
function invalidEndpoint(entered: string): QwenAuthError {
  const shown = sanitizeText(entered.replace(/^.*@/s, "…@").replace(/sk-\S+/g, "…"), 80)
  return new QwenAuthError("invalid_endpoint", `"${shown}" is not a Model Studio API address.`, {
    remedy: "Copy the API host of the workspace from the console, like ws-….ap-southeast-1.maas.aliyuncs.com.",
  })
}
