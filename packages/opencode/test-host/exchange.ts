import type { Hooks } from "./hooks.ts"
import type { HostState, SentRequest } from "./host-state.ts"

/** The limit for the headers of a response, with the hooks before and after, ms. */
export const HEADER_LIMIT_MS = 300_000
const MOST_REDIRECTS = 20

/** A request that could not be sent or brought no response. It is retried. */
export class TransportError extends Error {
  override readonly name = "TransportError"
}

interface ExchangeInput {
  readonly hooks: Hooks
  readonly providerID: string
  /** The members that all events of this request have. */
  readonly event: object
  readonly url: string
  readonly headers: Headers
  readonly body: object
  /** An interruption by the person. */
  readonly signal: AbortSignal | undefined
}

/**
 * Sends one request through "http.request" and "http.response".
 * @throws TransportError without a response; what a hook throws otherwise
 */
export async function sendThroughHooks(state: HostState, input: ExchangeInput): Promise<Response> {
  const ended = new AbortController()
  const limit = state.clock.limit(HEADER_LIMIT_MS, ended.signal).then(() => {
    throw new TransportError("Timed out waiting for response headers")
  })
  const interrupted = new Promise<never>((_, reject) => {
    input.signal?.addEventListener("abort", () => reject(input.signal?.reason), { once: true, signal: ended.signal })
    if (input.signal?.aborted === true) reject(input.signal.reason)
  })
  interrupted.catch(() => {})
  limit.catch(() => {})
  const network = new AbortController()
  try {
    return await Promise.race([exchange(state, input, network.signal), limit, interrupted])
  } catch (error) {
    network.abort(error)
    throw error
  } finally {
    ended.abort()
  }
}

async function exchange(state: HostState, input: ExchangeInput, signal: AbortSignal): Promise<Response> {
  const { behaviour } = state
  const { hooks, providerID, event, url, headers } = input
  const made = new Request(url, {
    method: "POST",
    headers,
    body: new TextEncoder().encode(JSON.stringify(input.body)),
    ...(behaviour.requestSignal === "aborts" && input.signal !== undefined ? { signal: input.signal } : {}),
  })
  const { request } = await hooks.call("http.request", providerID, { ...event, request: made })
  if (!(request instanceof Request)) return state.violations.refuse("http.request: the request is not a Request")
  const received = await followRedirects(state, await takenParts(request), signal)
  const { response } = await hooks.call("http.response", providerID, { ...event, request, response: received })
  if (behaviour.replacedResponse === "ignored") return received
  if (!(response instanceof Response)) return state.violations.refuse("http.response: the response is not a Response")
  return response
}

interface Parts {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer> | undefined
}

/**
 * What the host takes from a request. It reads a clone, so that the plugin can send the request again.
 * @throws TypeError when a hook has used up the body
 */
async function takenParts(request: Request): Promise<Parts> {
  const headers = new Headers(request.headers)
  headers.delete("content-length")
  const bytes = new Uint8Array(await request.clone().arrayBuffer())
  const body = request.method === "GET" || request.method === "HEAD" ? undefined : bytes
  return { url: request.url, method: request.method, headers, body }
}

async function followRedirects(state: HostState, first: Parts, signal: AbortSignal): Promise<Response> {
  let parts = first
  for (let followed = 0; followed <= MOST_REDIRECTS; followed++) {
    const response = await sendParts(state, parts, signal)
    const location = response.headers.get("location")
    if (response.status < 300 || response.status >= 400 || location === null) return response
    if (state.behaviour.redirects === "returned") return response
    await response.body?.cancel()
    parts = redirected(parts, new URL(location, parts.url), response.status)
  }
  throw new TransportError("Too many redirects")
}

/** The next request of a redirect: another host gets no `Authorization`, but the body. */
function redirected({ url, method, headers, body }: Parts, target: URL, status: number): Parts {
  const next = new Headers(headers)
  if (target.origin !== new URL(url).origin) next.delete("authorization")
  const toGet = status === 303 || ((status === 301 || status === 302) && method === "POST")
  if (!toGet) return { url: target.href, method, headers: next, body }
  next.delete("content-type")
  return { url: target.href, method: "GET", headers: next, body: undefined }
}

async function sendParts(state: HostState, parts: Parts, signal: AbortSignal): Promise<Response> {
  const { url, method, headers, body } = parts
  const sent: SentRequest = {
    at: state.clock.now(),
    url,
    method,
    headers: new Headers(headers),
    body: new TextDecoder().decode(body),
  }
  state.requests.push(sent)
  const data = url.startsWith("data:")
  if (data && state.behaviour.dataUrls === "refused") throw new TransportError("URL scheme data is not supported")
  const fetch = data ? globalThis.fetch : state.fetch
  try {
    return await fetch(url, { method, headers, signal, redirect: "manual", ...(body === undefined ? {} : { body }) })
  } catch (error) {
    throw new TransportError("The connection to the provider failed.", { cause: error })
  }
}
