import { isAllowedApiUrl } from "../http/api-url.ts"
import { CONSOLE_SITES, type ConsoleSite } from "./console-site.ts"

/** The values that determine the endpoint of a key from the console. */
interface ApiAddressParts {
  /** `base_url` as the console sent it; undefined if it sent none. */
  readonly baseUrl: unknown
  readonly workspaceId: string | undefined
  /** `console_region`, for example `cn-beijing`. */
  readonly region: string | undefined
  readonly site: ConsoleSite
}

const MAX_LENGTH = 2048
const REGION = /^(?=.{1,63}$)[a-z]{2,}-[a-z]+(-\d+)?$/

/**
 * Returns the base URL for a key from the console: the one that the console sent, or the workspace's own host, or the
 * default of the site. Returns undefined if a pay-as-you-go key must not be sent to the console's base URL. Falling
 * back to another endpoint would hide that.
 */
export function apiAddress({ baseUrl, workspaceId, region, site }: ApiAddressParts): string | undefined {
  if (baseUrl !== undefined) return typeof baseUrl === "string" ? validAddress(baseUrl) : undefined
  const { apiBaseUrl, region: usualRegion } = CONSOLE_SITES[site]
  if (workspaceId === undefined) return apiBaseUrl
  const validRegion = region !== undefined && REGION.test(region) ? region : usualRegion
  return validAddress(`https://${workspaceId}.${validRegion}.maas.aliyuncs.com/compatible-mode/v1`)
}

function validAddress(text: string): string | undefined {
  // Visible ASCII only, because a URL parser maps look-alike letters to plain ones and removes line breaks.
  if (text.length > MAX_LENGTH || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  // qwen.ai may receive OAuth tokens, but does not accept these keys.
  if (!isAllowedApiUrl(url) || !url.hostname.endsWith(".aliyuncs.com")) return undefined
  if (url.search !== "" || url.hash !== "") return undefined
  const path = url.pathname.replace(/\/+$/, "")
  if (path === "") return `${url.origin}/compatible-mode/v1`
  return path.endsWith("/v1") ? `${url.origin}${path}` : undefined
}
