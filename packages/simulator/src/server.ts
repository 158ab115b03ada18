import { createServer, type Server, type ServerResponse } from "node:http"
import { type Clock, systemClock } from "./clock.ts"
import { handleRequest } from "./http/handle-request.ts"
import { newWorld } from "./world.ts"

export interface SimulatorOptions {
  /** Port on 127.0.0.1; 0, the default, takes a free one. */
  port?: number
  clock?: Clock
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  origin: string
  /** Ends every connection and resolves when nothing of the simulator is left running. */
  close(): Promise<void>
}

/** Clients keep connections for the next request; node's 5 s would close some just as they are used again. */
const KEEP_ALIVE_MS = 60_000

/**
 * Starts Qwen on loopback.
 *
 * @throws the system's error when the port cannot be taken (`EADDRINUSE`, `EACCES`).
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
  const port = await listen(server, options.port ?? 0)
  const world = newWorld(options.clock ?? systemClock, `http://127.0.0.1:${port}`)
  server.on("request", (message, response) => {
    handleRequest(message, response, world).catch((error: unknown) => failed(response, error))
  })
  return { origin: world.origin, close: () => close(server) }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", reject)
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** A client that went away is no fault; anything else is one of the simulator and must not look like an answer of Qwen. */
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
