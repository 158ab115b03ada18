import type { IncomingMessage } from "node:http"
import type { Host } from "../hosts/host.ts"
import { hostNamed } from "../hosts/host-table.ts"

/** How a request reached its host: as the simulator itself, under `/_hosts/NAME`, or by its real name through the proxy. */
type Way = "plain" | "prefix" | "proxy"

/** Whom a request is for, and what it asks there. */
export interface Address {
  host: Host
  way: Way
  /** What this client writes before the paths of the host, without a trailing slash. */
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

/** Where a client without a proxy finds a host. */
export function prefixed(name: string, origin: string): string {
  return `${origin}/_hosts/${name}`
}

/** Joined and not resolved: a path of two slashes is a path, not another host. */
function requestUrl(target: string, origin: string): URL {
  return new URL(target.startsWith("/") ? origin + target : target, origin)
}
