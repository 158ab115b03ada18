import type { Server } from "node:http"

/** Clients keep connections for the next request; node's 5 s would close some just as they are used again. */
export const KEEP_ALIVE_MS = 60_000

/** Binds a server to a port of 127.0.0.1 and returns the port. @throws the system's error (`EADDRINUSE`, `EACCES`) */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", reject)
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : port)
    })
  })
}

/** Ends every connection and resolves when the server is gone. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
