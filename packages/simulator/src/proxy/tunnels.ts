import { createServer } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { createSecureContext, TLSSocket } from "node:tls"
import { requestListener } from "../http/handle-request.ts"
import { KEEP_ALIVE_MS } from "../http/listening.ts"
import type { ShownCertificate } from "../scenario/scenario.ts"
import type { World } from "../world.ts"
import type { Certificate } from "./certificate.ts"

/** The connections that clients opened through the proxy. */
export interface Tunnels {
  /** Terminates TLS in the client's connection and handles the requests inside. `head` is the data after the CONNECT. */
  open(socket: Duplex, head: Buffer): void
  /** Ends all of them. */
  close(): void
}

/** @param certificates the certificates; the scenario selects the one for new tunnels */
export function newTunnels(certificates: Record<ShownCertificate, Certificate>, world: World): Tunnels {
  /** The TCP socket under each TLS socket, because only TCP can be reset. */
  const carriers = new Map<Socket, Socket>()
  // This server never listens. It receives the connections whose TLS it terminates.
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
      // The client does not trust the certificate or has disconnected. Nothing needs to be reported.
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
