import type { IncomingHttpHeaders } from "node:http"
import type { Address } from "./address.ts"

/** One request as the endpoints see it: the body read, nothing interpreted. */
export interface SimulatorRequest extends Address {
  method: string
  headers: IncomingHttpHeaders
  /** The body as text, empty when there was none. */
  text: string
  /** Aborted when the client goes away or the simulator closes. */
  signal: AbortSignal
}
