import { EventEmitter, once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { listenOnFreePort } from "../shared/port.ts"

/** A proxy to a server that forwards nothing until it is opened, as when a machine goes to sleep during a request. */
export interface HeldConnection {
  readonly origin: string
  /** Resolves when the first request arrives. */
  readonly requested: Promise<void>
  /** Forwards all data from now on, first the data that waited. */
  open(): void
  close(): void
}

/** Starts a proxy to the server at `origin`. */
export async function holdConnection(origin: string): Promise<HeldConnection> {
  const { hostname, port } = new URL(origin)
  const sockets: Socket[] = []
  const events = new EventEmitter<{ requested: []; opened: [] }>()
  const opened = once(events, "opened")
  const requested = once(events, "requested")
  const server = createServer((near) => {
    near.once("readable", () => events.emit("requested"))
    void opened.then(() => {
      const far = connect(Number(port), hostname)
      sockets.push(far)
      far.on("error", () => near.destroy())
      near.pipe(far).pipe(near)
    })
    sockets.push(near)
    near.on("error", () => {})
  })
  return {
    origin: `http://127.0.0.1:${await listenOnFreePort(server)}`,
    requested: requested.then(() => {}),
    open: () => void events.emit("opened"),
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
