import { isAllowedApiUrl } from "../http/api-url.ts"
import { CONSOLE_SITES, type ConsoleSite } from "./console-site.ts"

/** What decides where a handed-over key works. */
interface ApiAddressParts {
  /** `base_url` as the console wrote it; undefined when it named none. */
  readonly baseUrl: unknown
  readonly workspaceId: string | undefined
  /** `console_region`, for example `cn-beijing`. */
  readonly region: string | undefined
  readonly site: ConsoleSite
}

const LONGEST = 2048
const REGION = /^(?=.{1,63}$)[a-z]{2,}-[a-z]+(-\d+)?$/

/**
 * The base URL at which a handed-over key works: what the console named, else the workspace's own host, else the site's. Undefined
 * when the console named an address that a pay-as-you-go key must not be sent to: guessing another would hide that.
 */
export function apiAddress({ baseUrl, workspaceId, region, site }: ApiAddressParts): string | undefined {
  if (baseUrl !== undefined) return typeof baseUrl === "string" ? namedAddress(baseUrl) : undefined
  const { apiBaseUrl, region: usualRegion } = CONSOLE_SITES[site]
  if (workspaceId === undefined) return apiBaseUrl
  const known = region !== undefined && REGION.test(region) ? region : usualRegion
  return namedAddress(`https://${workspaceId}.${known}.maas.aliyuncs.com/compatible-mode/v1`)
}

function namedAddress(text: string): string | undefined {
  // Visible ASCII only: a URL parser would turn look-alike letters into plain ones and drop line breaks.
  if (text.length > LONGEST || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  // qwen.ai may get OAuth tokens, but it is not where these keys work.
  if (!isAllowedApiUrl(url) || !url.hostname.endsWith(".aliyuncs.com")) return undefined
  if (url.search !== "" || url.hash !== "") return undefined
  const path = url.pathname.replace(/\/+$/, "")
  if (path === "") return `${url.origin}/compatible-mode/v1`
  return path.endsWith("/v1") ? `${url.origin}${path}` : undefined
}
