import { createServer } from "node:net"
import { listenOnFreePort } from "./port.ts"

/** A port of this machine that no program should connect to. */
export interface LoopbackTrap {
  readonly port: number
  /** The number of connections so far. */
  readonly caught: number
  close(): void
}

/** Listens on 127.0.0.1, counts the connections and closes them. */
export async function setTrap(): Promise<LoopbackTrap> {
  let caught = 0
  const server = createServer((socket) => {
    caught++
    socket.on("error", () => {})
    socket.destroy()
  })
  return {
    port: await listenOnFreePort(server),
    get caught() {
      return caught
    },
    close: () => void server.close(),
  }
}
