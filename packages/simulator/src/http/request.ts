import type { IncomingHttpHeaders } from "node:http"
import type { Address } from "./address.ts"

/** A request with its body as text, before parsing. */
export interface SimulatorRequest extends Address {
  method: string
  headers: IncomingHttpHeaders
  /** The body as text; empty without a body. */
  text: string
  /** Aborted when the client disconnects or the simulator closes. */
  signal: AbortSignal
}
