import { once } from "node:events"
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http"
import type { Platform } from "../platform.ts"

/** A request whose body was read completely. */
export interface LoopbackRequest {
  /** The local port that received the request. */
  readonly port: number
  readonly method: string
  /** The request target as sent, for example `/?state=…`. May contain secrets. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Empty if there is none; undefined if it is larger than 64 KiB. */
  readonly body: string | undefined
}

/** The response to a request. */
export interface LoopbackAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Plain text. */
  readonly text: string
  /** Called once, when the response was passed to the operating system or the client disconnected. */
  readonly delivered?: () => void
}

/** An open listener. */
export interface LoopbackListener {
  readonly port: number
  /**
   * Closes the port and all connections. Resolves when port, connections and timers are released. May be called again.
   */
  close(): Promise<void>
}

const MAX_BODY_BYTES = 64 * 1024
/** A connection has one small request. One that takes longer is stalled or hostile. */
const CONNECTION_TIMEOUT_MS = 10_000
/** Browsers open several connections in advance. */
const MAX_CONNECTIONS = 32

/**
 * Listens on a free port of 127.0.0.1, which only this machine can reach. Accepts one request per connection. Keeps the
 * process alive only while a connection is open, at most 10 s.
 * @param answer returns the response to a request
 * @throws the system's error if no port can be opened
 */
export async function listenOnLoopback(
  platform: Pick<Platform, "sleep" | "log">,
  answer: (request: LoopbackRequest) => LoopbackAnswer,
): Promise<LoopbackListener> {
  // Loaded on demand, because it takes Bun 11 ms and most processes never sign in.
  const { createServer } = await import("node:http")
  const server = createServer()
  const closing = new AbortController()
  server.maxConnections = MAX_CONNECTIONS
  server.on("connection", (socket) => {
    const disconnected = new AbortController()
    const ended = AbortSignal.any([disconnected.signal, closing.signal])
    socket.once("close", () => disconnected.abort())
    platform.sleep(CONNECTION_TIMEOUT_MS, ended).then(
      () => socket.destroy(),
      () => {},
    )
  })
  const port = await listen(server)
  server.unref()
  server.on("error", (error) => platform.log.warn("loopback listener: error", { error }))
  server.on("request", (request, response) => {
    respond(request, response, port, answer).catch((error: unknown) => {
      // The client disconnected, or `answer` threw. Neither may look like a response.
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

async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: "127.0.0.1", exclusive: true })
  await once(server, "listening")
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("the listener has no port")
  return address.port
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
    // The address of the page may contain the key and must not be sent to another site.
    "Referrer-Policy": "no-referrer",
    Connection: "close",
  })
  response.end(text)
}

/**
 * Reads a body that is too large to its end without keeping it: an early close would prevent the client from reading
 * the response.
 */
async function boundedBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  const stream: AsyncIterable<unknown> = request
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) continue
    size += chunk.byteLength
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return size <= MAX_BODY_BYTES ? new TextDecoder().decode(Buffer.concat(chunks)) : undefined
}
