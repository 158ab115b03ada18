import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http"
import type { Platform } from "../platform.ts"

/** A request, read to its end. */
export interface LoopbackRequest {
  /** The port it came to. */
  readonly port: number
  readonly method: string
  /** The request target as sent, for example `/?state=…`. May hold secrets. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Empty when there is none; undefined when it was larger than 64 KiB. */
  readonly body: string | undefined
}

export interface LoopbackAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Plain text. */
  readonly text: string
  /** Called once, when the system has the whole answer or the client is gone. */
  readonly delivered?: () => void
}

export interface LoopbackListener {
  readonly port: number
  /** Ends every connection; resolves when port, connections and timers are gone. May be called again. */
  close(): Promise<void>
}

const LARGEST_BODY = 64 * 1024
/** A connection brings one small request; one that takes longer than this is stuck or means no good. */
const CONNECTION_MS = 10_000
/** Browsers open a few ahead of need. */
const MOST_CONNECTIONS = 32

/**
 * Listens on a free port of 127.0.0.1, which only this machine reaches. One request per connection. Keeps no process alive but
 * for the seconds of a connection.
 * @throws the system's error when no port can be had
 */
export async function listenOnLoopback(
  platform: Pick<Platform, "sleep" | "log">,
  answer: (request: LoopbackRequest) => LoopbackAnswer,
): Promise<LoopbackListener> {
  // Loaded here because it takes Bun 11 ms, and most processes never sign in.
  const { createServer } = await import("node:http")
  const server = createServer()
  const closing = new AbortController()
  server.maxConnections = MOST_CONNECTIONS
  server.on("connection", (socket) => {
    const gone = new AbortController()
    const over = AbortSignal.any([gone.signal, closing.signal])
    socket.once("close", () => gone.abort())
    platform.sleep(CONNECTION_MS, over).then(
      () => socket.destroy(),
      () => {},
    )
  })
  const port = await listen(server)
  server.unref()
  server.on("error", (error) => platform.log.warn("loopback listener: error", { error }))
  server.on("request", (request, response) => {
    respond(request, response, port, answer).catch((error: unknown) => {
      // A client that went away in the middle. Anything else must not look like an answer.
      platform.log.debug("loopback listener: a request was not answered", { error })
      response.destroy()
    })
  })
  let closed: Promise<void> | undefined
  const close = () => {
    closing.abort()
    closed ??= new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return closed
  }
  return { port, close }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", reject)
      const address = server.address()
      if (typeof address === "object" && address !== null) resolve(address.port)
      else reject(new Error("the listener has no port"))
    })
  })
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  answer: (request: LoopbackRequest) => LoopbackAnswer,
): Promise<void> {
  const body = await boundedBody(request)
  const { method = "", url: target = "", headers } = request
  const { status, headers: answerHeaders, text, delivered } = answer({ port, method, target, headers, body })
  if (delivered !== undefined) response.once("close", delivered)
  response.writeHead(status, {
    ...answerHeaders,
    ...(text === "" ? {} : { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(text) }),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    // The address of a page that was opened with the key in it goes nowhere.
    "Referrer-Policy": "no-referrer",
    Connection: "close",
  })
  response.end(text)
}

/** Reads to the end even what is too large, without keeping it: closing before would take the answer from the client. */
async function boundedBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  const stream: AsyncIterable<unknown> = request
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    size += chunk.byteLength
    if (size <= LARGEST_BODY) chunks.push(chunk)
  }
  return size <= LARGEST_BODY ? new TextDecoder().decode(Buffer.concat(chunks)) : undefined
}
