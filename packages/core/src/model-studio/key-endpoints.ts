import { type ApiEndpoint, PAY_AS_YOU_GO, PLANS, type PlanId, type Region } from "../catalog/plans.ts"
import type { ApiKeyKind } from "../credentials/api-key.ts"
import { QwenAuthError } from "../errors.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/** What is known of where a key belongs, from the person or from an environment variable's name. */
export interface KeyHint {
  readonly plan?: PlanId | undefined
  readonly region?: Region | undefined
  /** A workspace's own API address, see {@link parseApiEndpoint}. */
  readonly endpoint?: ApiEndpoint | undefined
}

/** The places where a key of this form may work, the likeliest first, as far as the hint leaves a choice. */
export function endpointsFor(form: ApiKeyKind, hint: KeyHint = {}): readonly ApiEndpoint[] {
  if (hint.endpoint !== undefined) return [hint.endpoint]
  return allEndpoints(form).filter(
    ({ plan, region }) => (hint.plan ?? plan) === plan && (hint.region ?? region) === region,
  )
}

/** Every place for this form. `sk-sp-` alone does not tell Coding Plan from Token Plan. */
export function allEndpoints(form: ApiKeyKind): readonly ApiEndpoint[] {
  return PLANS.filter(({ id }) => (form === "plan") === (id !== "pay-as-you-go")).flatMap(
    ({ endpoints: sites }) => sites,
  )
}

/** What a workspace's host name says of its region. */
const WORKSPACE_REGIONS: readonly (readonly [RegExp, Region])[] = [
  [/\.cn-hongkong\./, "hongkong"],
  [/\.cn-/, "china"],
  [/\.us-/, "us"],
]
/** Paths that people copy along with a host; requests go to the compatible API, whatever was copied. */
const COPIED_PATH = /^\/*$|^\/(?:compatible-mode|v1)(?:\/|$)/

/**
 * The place at an address that someone entered: a workspace's own host, `https://{WorkspaceId}.{region}.maas.aliyuncs.com`, where
 * one pays as one goes, or one of the known places.
 * @param address a host name or URL as people copy it from the console
 * @throws QwenAuthError `invalid_endpoint` when it is not a Model Studio API address
 */
export function parseApiEndpoint(address: string): ApiEndpoint {
  const trimmed = address.trim()
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  if (url === undefined || !isAllowedApiUrl(url) || url.search || url.hash) throw noApi(trimmed)
  if (!COPIED_PATH.test(url.pathname)) throw noApi(trimmed)
  const known = PLANS.flatMap(({ endpoints: sites }) => sites).find(({ baseUrl }) => new URL(baseUrl).host === url.host)
  if (known !== undefined) return known
  if (!url.hostname.endsWith(".maas.aliyuncs.com")) throw noApi(trimmed)
  const [, region = "international"] = WORKSPACE_REGIONS.find(([pattern]) => pattern.test(url.hostname)) ?? []
  return { plan: PAY_AS_YOU_GO.id, region, baseUrl: `${url.origin}/compatible-mode/v1` }
}

/** What was entered may hold a password, or be a key in the wrong place. */
function noApi(entered: string): QwenAuthError {
  const shown = sanitizeText(entered.replace(/^.*@/s, "…@").replace(/sk-\S+/g, "…"), 80)
  return new QwenAuthError("invalid_endpoint", `"${shown}" is not a Model Studio API address.`, {
    remedy: "Copy the API host of the workspace from the console, like ws-….ap-southeast-1.maas.aliyuncs.com.",
  })
}
