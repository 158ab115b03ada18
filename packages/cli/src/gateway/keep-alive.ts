import type { ServerResponse } from "node:http"

/** A comment of server-sent events, which clients ignore. */
const COMMENT = ": keep-alive\n\n"

/** Sends comments while a stream is silent. */
export interface KeepAlive {
  /** Reports bytes that were sent. */
  sent(bytes: Uint8Array): void
  stop(): void
}

/**
 * Sends a comment each time an event stream was silent for `ms`, so that proxies and clients with short time-outs keep
 * the connection. Only between events: within one it would break the event.
 */
export function keepAlive(response: ServerResponse, ms: number): KeepAlive {
  let end = "\n\n"
  const timer = setInterval(() => {
    // A client that does not read gets no further comment.
    if (/\n\r?\n$/.test(end) && !response.writableNeedDrain) response.write(COMMENT)
  }, ms)
  timer.unref()
  return {
    sent(bytes) {
      timer.refresh()
      const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
        "latin1",
        Math.max(0, bytes.byteLength - 3),
      )
      end = (end + tail).slice(-3)
    },
    stop: () => clearInterval(timer),
  }
}
