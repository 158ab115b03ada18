import type { IncomingHttpHeaders } from "node:http"

/** One request as the endpoints see it: the body read, nothing interpreted. */
export interface SimulatorRequest {
  method: string
  /** Path without the query. */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  /** The body as text, empty when there was none. */
  text: string
  /** Aborted when the client goes away or the simulator closes. */
  signal: AbortSignal
}
