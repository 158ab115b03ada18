import type { IncomingMessage } from "node:http"

/** The transport of requests: plain connections, or tunnels of the proxy. */
export interface Carrier {
  proxied: boolean
  /** Resets the TCP connection of a request. */
  reset(message: IncomingMessage): void
}

/** Requests straight to the simulator's origin. */
export const plainCarrier: Carrier = {
  proxied: false,
  reset: ({ socket }) => {
    socket.resetAndDestroy()
  },
}
