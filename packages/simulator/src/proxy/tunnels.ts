import { createServer } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { createSecureContext, TLSSocket } from "node:tls"
import { KEEP_ALIVE_MS } from "../http/listening.ts"
import { requestListener } from "../http/request-listener.ts"
import type { ShownCertificate } from "../scenario/scenario.ts"
import type { World } from "../world.ts"
import type { Certificate } from "./certificate.ts"

/** The connections that clients opened through the proxy. */
export interface Tunnels {
  /** Ends TLS in the client's connection and handles the requests inside. `head` came right behind the CONNECT. */
  open(socket: Duplex, head: Buffer): void
  /** Ends all of them. */
  close(): void
}

/** @param certificates of which new tunnels show the one that the scenario names */
export function newTunnels(certificates: Record<ShownCertificate, Certificate>, world: World): Tunnels {
  /** By the TLS socket that a request names: what it runs over, as only TCP can be reset. */
  const carriers = new Map<Socket, Socket>()
  // Never listens: it is handed connections whose TLS ends here.
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS },
    requestListener(world, { proxied: true, reset: ({ socket }) => void carriers.get(socket)?.resetAndDestroy() }),
  )
  return {
    open(socket, head) {
      if (!(socket instanceof Socket)) throw new TypeError("A server's connection is a socket")
      socket.unshift(head)
      const secureContext = createSecureContext(certificates[world.scenario.present.proxy.certificate])
      const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] })
      carriers.set(secure, socket)
      // A client that does not trust the certificate, or went away: it knows.
      secure.on("error", () => socket.destroy())
      socket.on("error", () => secure.destroy())
      secure.on("close", () => carriers.delete(secure))
      server.emit("connection", secure)
    },
    close() {
      for (const socket of carriers.values()) socket.destroy()
    },
  }
}
