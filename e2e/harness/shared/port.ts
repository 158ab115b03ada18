import { connect } from "node:net"

/** An origin at which nobody listens: the port is reserved for a service that has died out. */
export const DEAD_ORIGIN = "http://127.0.0.1:9"

/** Whether somebody listens on a port of this machine. */
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
