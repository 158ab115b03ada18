import { once } from "node:events"
import { createServer } from "node:net"

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
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("The trap has no port.")
  return {
    port: address.port,
    get caught() {
      return caught
    },
    close: () => void server.close(),
  }
}
