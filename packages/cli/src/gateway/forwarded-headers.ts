import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http"

/** RFC 9110 §7.6.1: headers of one connection, beside those that `Connection` names. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]

/** Request headers that are not forwarded: they describe this connection, this computer or the body's former encoding. */
const NOT_SENT = new Set([
  ...HOP_BY_HOP,
  "accept-encoding",
  "authorization",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "expect",
  "forwarded",
  "host",
  "referer",
  "via",
  "x-api-key",
])

/** Response headers that are not forwarded. Fetch has decoded the body, so its length and its encoding are wrong. */
const NOT_RETURNED = new Set([
  ...HOP_BY_HOP,
  "alt-svc",
  "content-encoding",
  "content-length",
  "set-cookie",
  "strict-transport-security",
])

/**
 * Returns the headers for the service: the client's own, `User-Agent` included, without headers of the connection,
 * cookies, and headers that contain the local key.
 */
export function requestHeaders(given: IncomingHttpHeaders, localKey: string): Headers {
  const own = namedByConnection(given.connection)
  // An encoded stream arrives in blocks instead of word by word.
  const headers = new Headers({ "content-type": "application/json", "accept-encoding": "identity" })
  for (const [name, value] of Object.entries(given)) {
    const hidden = NOT_SENT.has(name) || own.has(name) || name.startsWith("x-forwarded-") || name.startsWith("sec-")
    if (hidden || typeof value !== "string" || value.includes(localKey)) continue
    headers.set(name, value)
  }
  return headers
}

/** Returns the headers of the service's answer for the client. */
export function responseHeaders(received: Headers): OutgoingHttpHeaders {
  const own = namedByConnection(received.get("connection") ?? undefined)
  const passed = [...received].filter(
    ([name]) => !NOT_RETURNED.has(name) && !own.has(name) && !name.startsWith("access-control-"),
  )
  return Object.fromEntries(passed)
}

function namedByConnection(connection: string | undefined): Set<string> {
  return new Set((connection ?? "").split(",").map((name) => name.trim().toLowerCase()))
}
