import { createServer } from "node:http"
import { type Clock, systemClock } from "./clock.ts"
import { plainCarrier } from "./http/carrier.ts"
import { requestListener } from "./http/handle-request.ts"
import { close, KEEP_ALIVE_MS, listen } from "./http/listening.ts"
import { type ProxyOptions, startProxy } from "./proxy/start-proxy.ts"
import { newWorld } from "./world.ts"

export interface SimulatorOptions {
  /** Port on 127.0.0.1; 0, the default, takes a free one. */
  port?: number
  clock?: Clock
  /** Options of the proxy, through which clients reach the hosts by their real names. Without them, no proxy is started. */
  proxy?: ProxyOptions | undefined
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  origin: string
  /** The proxy's origin, for `HTTPS_PROXY`; `undefined` without a proxy. */
  proxy: string | undefined
  /** Closes all connections and resolves when the simulator has ended. */
  close(): Promise<void>
}

/**
 * Starts the simulator on loopback.
 *
 * @throws the system's error when a port cannot be taken (`EADDRINUSE`, `EACCES`) or the certificate cannot be written.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
  const port = await listen(server, options.port ?? 0)
  const world = newWorld(options.clock ?? systemClock, `http://127.0.0.1:${port}`)
  server.on("request", requestListener(world, plainCarrier))
  try {
    const proxy = options.proxy === undefined ? undefined : await startProxy(options.proxy, world)
    const closeBoth = async () => void (await Promise.all([close(server), proxy?.close()]))
    return { origin: world.origin, proxy: proxy?.origin, close: closeBoth }
  } catch (error) {
    await close(server)
    throw error
  }
}
