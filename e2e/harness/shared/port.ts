import { connect } from "node:net"

/** An origin without a server: port 9 is reserved for the discard service, which is no longer used. */
export const DEAD_ORIGIN = "http://127.0.0.1:9"

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
