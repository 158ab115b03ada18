import { EventEmitter, once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import * as v from "valibot"

/** A way to a server on which nothing gets through at first, as when a machine falls asleep in the middle of a request. */
export interface HeldConnection {
  readonly origin: string
  /** Resolves as soon as somebody wants to get through. */
  readonly wanted: Promise<void>
  /** From now on everything gets through, what waited first. */
  open(): void
  close(): void
}

/** Opens a way to the server at `origin`. */
export async function holdConnection(origin: string): Promise<HeldConnection> {
  const { hostname, port } = new URL(origin)
  const sockets: Socket[] = []
  const events = new EventEmitter<{ wanted: []; opened: [] }>()
  const opened = once(events, "opened")
  const wanted = once(events, "wanted")
  const server = createServer((near) => {
    near.once("readable", () => events.emit("wanted"))
    void opened.then(() => {
      const far = connect(Number(port), hostname)
      sockets.push(far)
      far.on("error", () => near.destroy())
      near.pipe(far).pipe(near)
    })
    sockets.push(near)
    near.on("error", () => {})
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = v.parse(v.object({ port: v.number() }), server.address())
  return {
    origin: `http://127.0.0.1:${address.port}`,
    wanted: wanted.then(() => {}),
    open: () => void events.emit("opened"),
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
