import { prefixed } from "../http/address.ts"
import type { SimulatorRequest } from "../http/request.ts"

/** The host of a token without `resource_url`. */
export const API_HOST = "portal.qwen.ai"

/** The `resource_url` for a client, so that it reaches the API in the same way as the sign-in. */
export function ownResourceUrl({ way }: SimulatorRequest, origin: string): string {
  switch (way) {
    case "plain":
      return `${origin}/v1`
    case "prefix":
      return `${prefixed(API_HOST, origin)}/v1`
    case "proxy":
      // The service sends only the host, without scheme and path.
      return API_HOST
  }
}

/** The real host in a `resource_url`; `undefined` for loopback and invalid values. */
export function resourceHost(resourceUrl: string): string | undefined {
  const text = /^https?:\/\//i.test(resourceUrl) ? resourceUrl : `https://${resourceUrl}`
  if (!URL.canParse(text)) return undefined
  const { hostname, pathname } = new URL(text)
  if (hostname !== "127.0.0.1" && hostname !== "localhost") return hostname
  return /^\/_hosts\/([^/]+)/.exec(pathname)?.[1]
}
