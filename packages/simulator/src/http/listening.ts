import type { Server } from "node:http"

/** Clients keep connections alive. Node's default of 5 s could close one just when it is used again. */
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

/** Closes all connections and resolves when the server has ended. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
