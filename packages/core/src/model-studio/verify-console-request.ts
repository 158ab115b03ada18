import { timingSafeEqual } from "node:crypto"
import type { ApiKeyCredential } from "../credentials/credential.ts"
import { parseConsoleCallback, type UnusableCallback } from "./console-callback.ts"
import { CONSOLE_SITES, type ConsoleSite } from "./console-site.ts"
import type { LoopbackAnswer, LoopbackRequest } from "./loopback-listener.ts"

/** Why a call was refused. Completes the sentence "a page called back, but …". */
export type CallRefusal =
  | UnusableCallback
  | "under another host name"
  | "from another site"
  | "with too large a body"
  | "for another sign-in"

/** The sign-in to which a call must belong. */
export interface ExpectedCall {
  readonly state: string
  /** The console that was opened. */
  readonly site: ConsoleSite
}

/** The result of verifying a request: the response, and the key or the reason for a refusal. */
type VerifiedRequest =
  | { readonly kind: "key"; readonly key: ApiKeyCredential; readonly answer: LoopbackAnswer }
  | { readonly kind: "refused"; readonly why: CallRefusal; readonly answer: LoopbackAnswer }
  /** A request that is not a callback: a preflight, a favicon, another path or method. */
  | { readonly kind: "other"; readonly answer: LoopbackAnswer }

const ORIGINS: readonly string[] = Object.values(CONSOLE_SITES).map(({ consoleUrl }) => consoleUrl)
const METHODS = ["GET", "POST", "OPTIONS"]
const PREFLIGHT_MAX_AGE_S = 600

/**
 * Verifies a request to the loopback listener. The response repeats only the console's own origin and, for a preflight,
 * header names.
 *
 * - `Host` must be the listener's own address. Otherwise another host name was made to resolve to it (DNS rebinding).
 * - `Origin` must be that of a console. Only a GET may have none, because a browser sends none when it opens an address. It
 *   sends one with every POST.
 */
export function verifyConsoleRequest(request: LoopbackRequest, expected: ExpectedCall): VerifiedRequest {
  const { headers, method, target } = request
  if (headers.host !== `127.0.0.1:${request.port}`) return refused("under another host name", 403)
  const [path = "", query = ""] = target.split(/\?(.*)/s)
  if (path !== "/") return other(404, "Not found.")
  if (!METHODS.includes(method)) return other(405, "Method not allowed.", { Allow: METHODS.join(", ") })
  const { origin } = headers
  if (origin === undefined ? method !== "GET" : !ORIGINS.includes(origin)) {
    return refused("from another site", 403)
  }
  const cors = origin === undefined ? {} : { "Access-Control-Allow-Origin": origin, Vary: "Origin" }
  if (method === "OPTIONS") return other(204, "", { ...cors, ...preflightHeaders(request) })
  if (request.body === undefined) return refused("with too large a body", 413, cors)
  const { state = "", key } = parseConsoleCallback(query, request.body, expected.site)
  if (!sameText(state, expected.state)) return refused("for another sign-in", 403, cors)
  if (typeof key === "string") return refused(key, 400, cors)
  return { kind: "key", key, answer: { status: 200, headers: cors, text: "OK" } }
}

function refused(why: CallRefusal, status: number, headers: LoopbackAnswer["headers"] = {}): VerifiedRequest {
  return { kind: "refused", why, answer: { status, headers, text: `Not accepted: ${why}.` } }
}

function other(status: number, text: string, headers: LoopbackAnswer["headers"] = {}): VerifiedRequest {
  return { kind: "other", answer: { status, headers, text } }
}

function preflightHeaders({ headers }: LoopbackRequest): LoopbackAnswer["headers"] {
  const requested = headers["access-control-request-headers"] ?? ""
  const names = requested.length <= 200 && /^[\w-]+(\s*,\s*[\w-]+)*$/.test(requested) ? requested : "content-type"
  // Private Network Access: older versions of Chrome require this header when a public page calls this machine.
  const privateNetwork = headers["access-control-request-private-network"] === "true"
  return {
    "Access-Control-Allow-Methods": METHODS.join(", "),
    "Access-Control-Allow-Headers": names,
    "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE_S),
    ...(privateNetwork ? { "Access-Control-Allow-Private-Network": "true" } : {}),
  }
}

/** Compares in a time that does not depend on the content. */
function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
