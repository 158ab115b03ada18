import type { IncomingMessage } from "node:http"
import type { Host } from "../hosts/host.ts"
import { hostNamed } from "../hosts/host-table.ts"

/** The way in which a request names its host: the simulator itself, `/_hosts/NAME`, or the real name through the proxy. */
type Way = "plain" | "prefix" | "proxy"

/** The host and the path of a request. */
export interface Address {
  host: Host
  way: Way
  /** The prefix of the host's paths for this client, without a trailing slash. */
  base: string
  /** Path without `/_hosts/NAME` and without the query. */
  path: string
  query: URLSearchParams
}

/** Reads a request's address. `origin` is the simulator's own. */
export function addressOf(message: IncomingMessage, origin: string, proxied: boolean): Address {
  const { pathname, searchParams } = requestUrl(message.url ?? "/", origin)
  if (proxied) {
    const name = (message.headers.host ?? "").toLowerCase().replace(/:443$/, "")
    return { host: hostNamed(name), way: "proxy", base: `https://${name}`, path: pathname, query: searchParams }
  }
  const [, name, rest] = /^\/_hosts\/([^/]+)(.*)$/.exec(pathname) ?? []
  if (name === undefined) {
    const host: Host = { kind: "loopback", name: new URL(origin).host }
    return { host, way: "plain", base: origin, path: pathname, query: searchParams }
  }
  const base = prefixed(name, origin)
  return { host: hostNamed(name), way: "prefix", base, path: rest || "/", query: searchParams }
}

/** The URL of a host for a client without a proxy. */
export function prefixed(name: string, origin: string): string {
  return `${origin}/_hosts/${name}`
}

/** Concatenates instead of resolving: a path that begins with two slashes is not another host. */
function requestUrl(target: string, origin: string): URL {
  return new URL(target.startsWith("/") ? origin + target : target, origin)
}
