import { once } from "node:events"
import { connect, type Server } from "node:net"

/** An origin without a server: port 9 is reserved for the discard service, which is no longer used. */
export const DEAD_ORIGIN = "http://127.0.0.1:9"

/** Lets a server listen on a free port of 127.0.0.1 and returns the port. */
export async function listenOnFreePort(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.")
  return address.port
}

/** Whether a program listens on a port of this machine. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.on("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.on("error", () => resolve(false))
  })
}
