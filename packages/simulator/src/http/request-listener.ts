import type { RequestListener, ServerResponse } from "node:http"
import type { World } from "../world.ts"
import type { Carrier } from "./carrier.ts"
import { handleRequest } from "./handle-request.ts"

/** Handles every request of a server. */
export function requestListener(world: World, carrier: Carrier): RequestListener {
  return (message, response) => {
    handleRequest(message, response, carrier, world).catch((error: unknown) => failed(response, error))
  }
}

/** A disconnected client is not an error. Anything else is a fault of the simulator and must not look like a response of Qwen. */
function failed(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  const message = error instanceof Error ? error.message : String(error)
  response.writeHead(500, { "content-type": "application/json" })
  response.end(JSON.stringify({ error: { code: "simulator_fault", message } }))
}
