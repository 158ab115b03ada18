/** The reply of an endpoint. A streamed body is an iterable in which each item is one write. */
export interface Reply {
  status: number
  headers: Record<string, string>
  body: string | AsyncIterable<string>
}

/** A reply with a JSON document. */
export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) }
}

/** A reply with a web page. */
export function htmlReply(status: number, html: string, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "text/html; charset=utf-8", ...headers }, body: html }
}

/** A reply with server-sent events, one per item. */
export function streamReply(events: AsyncIterable<string>): Reply {
  const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" }
  return { status: 200, headers, body: events }
}

/** A reply without a body. */
export function emptyReply(status: number): Reply {
  return { status, headers: {}, body: "" }
}
