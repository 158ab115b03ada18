/** The base URL of the OAuth route if the token names none. */
export const DEFAULT_API_BASE_URL = "https://portal.qwen.ai/v1"

/**
 * Hosts that may receive a bearer token or an API key. Not all of `aliyuncs.com`, because anyone can rent a storage
 * bucket there. The last four are Model Studio under the names that its consoles show since September 2026.
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
/** Domains whose subdomains may all receive a bearer token or an API key. */
export const API_DOMAINS: readonly string[] = ["qwen.ai", "dashscope.aliyuncs.com", "maas.aliyuncs.com"]

/**
 * Returns true if a bearer token or an API key may be sent to `url`: https, default port, no user name or password, and
 * one of Qwen's API hosts.
 */
export function isAllowedApiUrl(url: URL): boolean {
  if (url.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "") return false
  return API_HOSTS.includes(url.hostname) || API_DOMAINS.some((domain) => url.hostname.endsWith(`.${domain}`))
}

/**
 * Returns the base URL that a token's `resource_url` stands for, or undefined if a token must not be sent there. Qwen
 * omits the scheme, and may omit `/v1` or add slashes to the end.
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
 * Returns the URL below `baseUrl` for the request that a caller made to `requested`. Uses only the part of the caller's
 * path after the API's root (`/v1`, `/compatible-mode/v1`), so that a credential cannot be sent to another host.
 */
export function requestUrl(baseUrl: string, requested: URL): string {
  const path = requested.pathname.replace(/^.*?\/v\d+(?=\/|$)/, "")
  return `${baseUrl}${path.startsWith("/") || path === "" ? path : `/${path}`}${requested.search}`
}
