import { type Manifest, mayAsk } from "./manifest.ts"
import { asHost } from "./plugin-code.ts"
import { AlmaRefusal, type Violations } from "./violations.ts"
import { outsideFetch } from "./watched-globals.ts"

/** A request of the plugin's, as it asked it. */
export interface SeenRequest {
  readonly url: string
  readonly host: string
  readonly method: string
  readonly headers: Headers
  /** Undefined when there is none, or when it is a stream. */
  readonly body: string | undefined
  /** `refused`: Alma did not let it through; `open`: no answer yet; `failed`: the network had none; else the answer's status. */
  outcome: number | "open" | "refused" | "failed"
}

/** Where the plugin's requests really go. */
export interface NetworkOptions {
  /** The address that is asked instead. */
  readonly route?: (url: URL) => string
  /** Undoes `route` in the text of JSON answers, so that the plugin reads the real names. */
  readonly restore?: (text: string) => string
  /** Answers in the network's place. Without it the routed address must be on this machine. */
  readonly fetch?: typeof globalThis.fetch
}

/** Leads requests to the simulator, which plays their hosts below `/_hosts/`. */
export function throughSimulator(origin: string): Required<Pick<NetworkOptions, "route" | "restore">> {
  return {
    route: ({ host, pathname, search }) => `${origin}/_hosts/${host}${pathname}${search}`,
    restore: (text) => text.replaceAll(`${origin}/_hosts/`, "https://"),
  }
}

/** The network as a plugin has it. */
export interface Network {
  readonly requests: readonly SeenRequest[]
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"])

/** Lets through what the manifest permits, by TLS, and records all. */
export function pluginNetwork(manifest: Manifest, violations: Violations, options: NetworkOptions): Network {
  const requests: SeenRequest[] = []

  function refuseUnlessPermitted(url: URL): void {
    const asked = `The plugin asked ${url.protocol}//${url.host}`
    if (!manifest.permissions.includes("network:fetch")) violations.refuse(`${asked} without network:fetch.`)
    if (!mayAsk(manifest, url.hostname)) violations.refuse(`${asked} without network:domain:${url.hostname}.`)
    if (url.protocol !== "https:" || url.port !== "") violations.refuse(`${asked}: only https and its own port.`)
  }

  async function answer(url: URL, input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const address = options.route?.(url) ?? url.href
    if (options.fetch === undefined && !LOOPBACK.has(new URL(address).hostname)) {
      violations.refuse(`${url.host} is not on this machine: the test gives no route and no fetch.`)
    }
    const fetch = options.fetch ?? outsideFetch
    const follows = (init?.redirect ?? (input instanceof Request ? input.redirect : "follow")) === "follow"
    const routed = input instanceof Request ? new Request(address, input) : address
    const response = await asHost(() => fetch(routed, follows ? { ...init, redirect: "manual" } : init))
    if (follows && response.status >= 300 && response.status < 400 && response.headers.has("location")) {
      violations.refuse(`${url.host} redirects, and the plugin lets redirects lead anywhere.`)
    }
    return options.restore === undefined ? response : restored(response, options.restore)
  }

  return {
    requests,
    async fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input)
      const request = await seen(url, input, init)
      requests.push(request)
      try {
        refuseUnlessPermitted(url)
        const response = await answer(url, input, init)
        request.outcome = response.status
        return response
      } catch (error) {
        request.outcome = error instanceof AlmaRefusal ? "refused" : "failed"
        throw error
      }
    },
  }
}

async function seen(url: URL, input: string | URL | Request, init: RequestInit | undefined): Promise<SeenRequest> {
  const asked = input instanceof Request ? input : undefined
  return {
    url: url.href,
    host: url.host,
    method: init?.method ?? asked?.method ?? "GET",
    headers: new Headers(init?.headers ?? asked?.headers),
    body: init?.body == null ? await asked?.clone().text() : await text(init.body),
    outcome: "open",
  }
}

async function text(body: NonNullable<RequestInit["body"]>): Promise<string | undefined> {
  if (typeof body === "string") return body
  // A stream can be read once, and not by us.
  return body instanceof ReadableStream || Symbol.asyncIterator in body ? undefined : new Response(body).text()
}

async function restored(response: Response, restore: (text: string) => string): Promise<Response> {
  if (!response.headers.get("content-type")?.startsWith("application/json")) return response
  const { status, statusText } = response
  const headers = new Headers(response.headers)
  headers.delete("content-length")
  headers.delete("content-encoding")
  return new Response(restore(await response.text()), { status, statusText, headers })
}
