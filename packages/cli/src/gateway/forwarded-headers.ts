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

/** Beside the local key: what describes this connection, this computer, or a body that is sent anew. */
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

/** `content-length` and `content-encoding`: fetch has decoded the body. */
const NOT_RETURNED = new Set([
  ...HOP_BY_HOP,
  "alt-svc",
  "content-encoding",
  "content-length",
  "set-cookie",
  "strict-transport-security",
])

/**
 * Returns the headers that go on to the service: the client's, `User-Agent` included, without those of the connection,
 * cookies, and everything that has the local key.
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

/** Returns the headers of the service's answer that go on to the client. */
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
