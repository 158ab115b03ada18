/** Where the OAuth route is when the token does not say. */
export const DEFAULT_API_BASE_URL = "https://portal.qwen.ai/v1"

/**
 * Hosts that may get a bearer token or an API key. Not all of `aliyuncs.com`: anyone can rent a storage bucket there. The last
 * four are Model Studio under the names that its consoles show since September 2026.
 */
export const API_HOSTS: readonly string[] = [
  "qwen.ai",
  "dashscope.aliyuncs.com",
  "dashscope-intl.aliyuncs.com",
  "dashscope-us.aliyuncs.com",
  "maas.qwencloudapi.com",
  "token-plan.maas.qwencloudapi.com",
  "maas.qianwenaiapi.com",
  "token-plan.maas.qianwenaiapi.com",
]
/** Domains below which every host may get one, too. */
export const API_DOMAINS: readonly string[] = ["qwen.ai", "dashscope.aliyuncs.com", "maas.aliyuncs.com"]

/** True for an address that a bearer token or an API key may be sent to: https, default port, no userinfo, one of Qwen's API hosts. */
export function isAllowedApiUrl(url: URL): boolean {
  if (url.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "") return false
  return API_HOSTS.includes(url.hostname) || API_DOMAINS.some((domain) => url.hostname.endsWith(`.${domain}`))
}

/**
 * The base URL that a token's `resource_url` names, or undefined when it names none that a token may be sent to.
 * Qwen writes it without scheme, with or without `/v1` and trailing slashes.
 */
export function resourceBaseUrl(resourceUrl: string): string | undefined {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(resourceUrl) ? resourceUrl : `https://${resourceUrl}`
  if (!URL.canParse(withScheme)) return undefined
  const url = new URL(withScheme)
  if (!isAllowedApiUrl(url) || url.search !== "" || url.hash !== "") return undefined
  const path = url.pathname.replace(/\/+$/, "")
  return `${url.origin}${path.endsWith("/v1") ? path : `${path}/v1`}`
}

/**
 * The address of a request below `baseUrl`, whatever host the caller had in mind: only the part behind the API's root
 * (`/v1`, `/compatible-mode/v1`) is taken from the caller, so a credential can go nowhere else.
 */
export function requestUrl(baseUrl: string, incoming: URL): string {
  const path = incoming.pathname.replace(/^.*?\/v\d+(?=\/|$)/, "")
  return `${baseUrl}${path.startsWith("/") || path === "" ? path : `/${path}`}${incoming.search}`
}
