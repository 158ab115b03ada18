import type { Behaviour } from "./behaviour.ts"
import { type Manifest, permitsHost } from "./manifest.ts"
import { asHost } from "./plugin-code.ts"
import { AlmaRefusal, type Violations } from "./violations.ts"
import { outsideFetch } from "./watched-globals.ts"

/** A request of the plugin, before routing. */
export interface SeenRequest {
  readonly url: string
  readonly host: string
  readonly method: string
  readonly headers: Headers
  /** `undefined` without a body or when the body is a stream. */
  readonly body: string | undefined
  /** The status of the response; `open` until it arrives, `refused` by Alma, or `failed` on the network. */
  outcome: number | "open" | "refused" | "failed"
}

/** How the host sends the plugin's requests. */
export interface NetworkOptions {
  /** The URL that the request is sent to instead. */
  readonly route?: (url: URL) => string
  /** Undoes `route` in JSON responses, so that the plugin reads the real host names. */
  readonly restore?: (text: string) => string
  /** Used instead of the network. Without it, the routed URL must be on this machine. */
  readonly fetch?: typeof globalThis.fetch
}

/** Routes requests to the simulator, which serves the real hosts below `/_hosts/`. */
export function throughSimulator(origin: string): Required<Pick<NetworkOptions, "route" | "restore">> {
  return {
    route: ({ host, pathname, search }) => `${origin}/_hosts/${host}${pathname}${search}`,
    restore: (text) => text.replaceAll(`${origin}/_hosts/`, "https://"),
  }
}

/** The network that the plugin uses. */
export interface Network {
  readonly requests: readonly SeenRequest[]
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"])

/** Sends the requests that the manifest permits, only over https, and records all requests. */
export function pluginNetwork(
  manifest: Manifest,
  violations: Violations,
  options: NetworkOptions & Pick<Behaviour, "domains">,
): Network {
  const requests: SeenRequest[] = []

  function refuseUnlessPermitted(url: URL): void {
    const request = `The plugin sent a request to ${url.protocol}//${url.host}`
    if (!manifest.permissions.includes("network:fetch")) violations.refuse(`${request} without network:fetch.`)
    if (!permitsHost(manifest, url.hostname, options.domains))
      violations.refuse(`${request} without network:domain:${url.hostname}.`)
    if (url.protocol !== "https:" || url.port !== "") violations.refuse(`${request}: only https on port 443.`)
  }

  async function send(url: URL, input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const address = options.route?.(url) ?? url.href
    if (options.fetch === undefined && !LOOPBACK.has(new URL(address).hostname)) {
      violations.refuse(`${url.host} is not on this machine: the test has no route and no fetch.`)
    }
    const fetch = options.fetch ?? outsideFetch
    const follows = (init?.redirect ?? (input instanceof Request ? input.redirect : "follow")) === "follow"
    const routed = input instanceof Request ? new Request(address, input) : address
    const response = await asHost(() => fetch(routed, follows ? { ...init, redirect: "manual" } : init))
    if (follows && response.status >= 300 && response.status < 400 && response.headers.has("location")) {
      violations.refuse(`${url.host} redirects, and the plugin follows redirects to any host.`)
    }
    return options.restore === undefined ? response : restoreHosts(response, options.restore)
  }

  return {
    requests,
    async fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input)
      const request = await describeRequest(url, input, init)
      requests.push(request)
      try {
        refuseUnlessPermitted(url)
        const response = await send(url, input, init)
        request.outcome = response.status
        return response
      } catch (error) {
        request.outcome = error instanceof AlmaRefusal ? "refused" : "failed"
        throw error
      }
    },
  }
}

async function describeRequest(
  url: URL,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<SeenRequest> {
  const request = input instanceof Request ? input : undefined
  return {
    url: url.href,
    host: url.host,
    method: init?.method ?? request?.method ?? "GET",
    headers: new Headers(init?.headers ?? request?.headers),
    body: init?.body == null ? await request?.clone().text() : await text(init.body),
    outcome: "open",
  }
}

async function text(body: NonNullable<RequestInit["body"]>): Promise<string | undefined> {
  if (typeof body === "string") return body
  // A stream can be read only once, and the request needs it.
  return body instanceof ReadableStream || Symbol.asyncIterator in body ? undefined : new Response(body).text()
}

async function restoreHosts(response: Response, restore: (text: string) => string): Promise<Response> {
  if (!response.headers.get("content-type")?.startsWith("application/json")) return response
  const { status, statusText } = response
  const headers = new Headers(response.headers)
  headers.delete("content-length")
  headers.delete("content-encoding")
  return new Response(restore(await response.text()), { status, statusText, headers })
}
