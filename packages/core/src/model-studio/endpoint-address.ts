import { type ApiEndpoint, PLANS, type PlanId, type Region } from "../catalog/plans.ts"
import { QwenAuthError } from "../errors.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/**
 * The endpoints that the consoles show since September 2026. They accept the same keys as those of the catalogue, which
 * stay the defaults because the official clients use them.
 */
const CONSOLE_ENDPOINTS: readonly ApiEndpoint[] = [
  compatibleEndpoint("pay-as-you-go", "international", "https://maas.qwencloudapi.com"),
  compatibleEndpoint("token-plan", "international", "https://token-plan.maas.qwencloudapi.com"),
  compatibleEndpoint("pay-as-you-go", "china", "https://maas.qianwenaiapi.com"),
  compatibleEndpoint("token-plan", "china", "https://token-plan.maas.qianwenaiapi.com"),
]
const KNOWN_ENDPOINTS = [...PLANS.flatMap(({ endpoints }) => endpoints), ...CONSOLE_ENDPOINTS]

/** The region of a host below `maas.aliyuncs.com`, by the code in its name. */
const REGION_CODES: readonly (readonly [RegExp, Region])[] = [
  [/^cn-hongkong$/, "hongkong"],
  [/^cn-/, "china"],
  [/^us-/, "us"],
  [/^ap-northeast-1$/, "tokyo"],
  [/^eu-central-1$/, "frankfurt"],
]
const MAAS_HOST = /^(?:.*\.)?([\w-]+)\.([\w-]+)\.maas\.aliyuncs\.com$/

/**
 * Returns the endpoint at a URL: always the host of the URL, with the path of its OpenAI-compatible API. Returns undefined if
 * it is not a host of the API for keys, or if a key must not be sent there.
 */
export function endpointAt(url: URL): ApiEndpoint | undefined {
  if (!isAllowedApiUrl(url)) return undefined
  return KNOWN_ENDPOINTS.find(({ baseUrl }) => new URL(baseUrl).host === url.host) ?? maasEndpoint(url)
}

function maasEndpoint({ hostname, origin }: URL): ApiEndpoint | undefined {
  if (!hostname.endsWith(".maas.aliyuncs.com")) return undefined
  const [, label, code = ""] = MAAS_HOST.exec(hostname) ?? []
  const [, region = "international"] = REGION_CODES.find(([pattern]) => pattern.test(code)) ?? []
  return compatibleEndpoint(label === "token-plan" ? "token-plan" : "pay-as-you-go", region, origin)
}

/** Returns the endpoint of the OpenAI-compatible API at a host of Model Studio. */
export function compatibleEndpoint(plan: PlanId, region: Region, origin: string): ApiEndpoint {
  return { plan, region, baseUrl: `${origin}/compatible-mode/v1` }
}

/** Characters that users copy along with an address. */
const AROUND = /^[\s\u200b"'`“”<]+|[\s\u200b"'`“”>,;]+$/g
/** The paths of the APIs at these hosts, which users copy along with a host. Requests always go to the compatible API. */
const COPIED_PATH = /^\/*$|^\/(?:compatible-mode|v1|api\/v1|apps\/anthropic)(?:\/|$)/

/** Returns true if the path of a URL is one that users copy along with an API host. */
export function isCopiedPath({ pathname, search, hash }: URL): boolean {
  return search === "" && hash === "" && COPIED_PATH.test(pathname)
}

/**
 * Parses the address of an endpoint that the user entered: the host of a workspace,
 * `https://{WorkspaceId}.{region}.maas.aliyuncs.com`, or another host of Model Studio's API for keys. The path of
 * any of its APIs may follow.
 * @param address a host name or URL, copied from the console
 * @throws QwenAuthError `invalid_endpoint` if it is not a Model Studio API address
 */
export function parseApiEndpoint(address: string): ApiEndpoint {
  const text = address.replace(AROUND, "")
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined
  const endpoint = url !== undefined && isCopiedPath(url) ? endpointAt(url) : undefined
  if (endpoint === undefined) throw invalidEndpointError(text)
  return endpoint
}

/** The text may contain a password or a key, so both are removed from the message. */
function invalidEndpointError(entered: string): QwenAuthError {
  const shown = sanitizeText(entered.replace(/^.*@/s, "…@").replace(/(?:sk-|o1_)\S+/g, "…"), 80)
  return new QwenAuthError("invalid_endpoint", `"${shown}" is not a Model Studio API address.`, {
    remedy:
      "Copy the API host or the base URL from the console, like ws-….ap-southeast-1.maas.aliyuncs.com or maas.qwencloudapi.com.",
  })
}
