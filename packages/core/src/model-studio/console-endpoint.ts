import { type ApiEndpoint, PAY_AS_YOU_GO } from "../catalog/plans.ts"
import { isAllowedApiUrl } from "../http/api-url.ts"
import { CONSOLE_SITES, type ConsoleSite } from "./console-site.ts"
import { compatibleEndpoint, endpointAt, isCopiedPath } from "./endpoint-address.ts"

/** The values from the console that determine the endpoint of its key. */
interface ConsoleEndpointFields {
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
 * Returns the endpoint for a key from the console: the one that the console sent, or the workspace's own host, or the
 * default of the site. Returns undefined if a key must not be sent to the console's base URL. Falling back to another
 * endpoint would hide that.
 */
export function consoleEndpoint({
  baseUrl,
  workspaceId,
  region,
  site,
}: ConsoleEndpointFields): ApiEndpoint | undefined {
  if (baseUrl !== undefined) return typeof baseUrl === "string" ? validEndpoint(baseUrl, site) : undefined
  if (workspaceId === undefined) return PAY_AS_YOU_GO.endpoints.find((endpoint) => endpoint.region === site)
  const validRegion = region !== undefined && REGION.test(region) ? region : CONSOLE_SITES[site].workspaceRegion
  return validEndpoint(`https://${workspaceId}.${validRegion}.maas.aliyuncs.com`, site)
}

function validEndpoint(text: string, site: ConsoleSite): ApiEndpoint | undefined {
  // Visible ASCII only, because a URL parser maps look-alike letters to plain ones and removes line breaks.
  if (text.length > MAX_LENGTH || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (!isCopiedPath(url)) return undefined
  return endpointAt(url) ?? dashscopeEndpoint(url, site)
}

/** A regional host of DashScope that the catalogue does not name. Its region is that of the console that sent it. */
function dashscopeEndpoint(url: URL, site: ConsoleSite): ApiEndpoint | undefined {
  if (!isAllowedApiUrl(url) || !url.hostname.endsWith(".dashscope.aliyuncs.com")) return undefined
  return compatibleEndpoint("pay-as-you-go", site, url.origin)
}
