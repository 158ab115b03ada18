import { setMaxListeners } from "node:events"
import { createServer, type Server, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import type { Credential, Fetch } from "qwen-auth-core"
import { handleRequest } from "./handle-request.ts"
import { DEFAULT_LIMITS, type GatewayLimits } from "./limits.ts"
import type { AliasChoices } from "./model-aliases.ts"
import type { RequestRecord } from "./request-record.ts"

/** The only address that is ever bound. */
const LOOPBACK = "127.0.0.1"

/** The buffer of an answer for a client that reads slowly, bytes. */
const BUFFER_BYTES = 256 * 1024

/** Options of {@link startGateway}. */
export interface GatewayOptions {
  /** Sends requests with the sign-in of this computer. */
  readonly fetch: Fetch
  /** Returns the credential of that fetch. */
  readonly credential: () => Promise<Credential>
  /** The key that clients must send. */
  readonly localKey: string
  /** 0 takes a free port. */
  readonly port: number
  readonly aliases?: AliasChoices
  /** The silence after which a stream gets a comment, ms. Default: none is sent. */
  readonly keepAliveMs?: number | undefined
  /** Receives a record of each request. */
  readonly onRequest?: ((record: RequestRecord) => void) | undefined
  readonly limits?: Partial<GatewayLimits>
  /** Returns the time, epoch ms. */
  readonly now: () => number
}

/** A running gateway. */
export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  readonly port: number
  /**
   * Takes no more requests, lets running answers end, and cuts those that take too long.
   * @param drainMs the time for them, ms. Default: that of the limits
   */
  close(drainMs?: number): Promise<void>
}

/**
 * Starts the gateway on loopback.
 * @throws the system's error when the port cannot be taken (`EADDRINUSE`, `EACCES`)
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.unusedMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    noDelay: true,
    // A whole part of an answer is taken at once. Node's 16 KiB would wait for the client four times.
    highWaterMark: BUFFER_BYTES,
  })
  server.maxConnections = limits.connections
  const stop = new AbortController()
  // Each running answer listens.
  setMaxListeners(0, stop.signal)
  const port = await listen(server, options.port)
  const { aliases = new Map(), keepAliveMs, onRequest } = options
  const handler = { ...options, aliases, keepAliveMs, onRequest, limits, port, stopped: stop.signal }
  let closing = false
  server.on("request", (request, response) => {
    // A client would keep the connection of the last answer for another request.
    response.once("close", () => closing && setImmediate(() => server.closeIdleConnections()))
    void handleRequest(handler, request, response)
  })
  server.on("clientError", refuseConnection)
  // Without a listener Node would answer both as if they were requests.
  for (const event of ["connect", "upgrade"]) server.on(event, (_, socket: Duplex) => refuseConnection(null, socket))
  return {
    origin: `http://${LOOPBACK}:${port}`,
    port,
    close: (drainMs = limits.drainMs) => {
      closing = true
      return close(server, stop, drainMs)
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      server.off("error", reject)
      resolve()
    })
  })
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.")
  return address.port
}

async function close(server: Server, stop: AbortController, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cut = setTimeout(() => {
    stop.abort(new Error("The gateway stopped."))
    // Refusals for requests without an answer go out first.
    setImmediate(() => server.closeAllConnections())
  }, drainMs)
  await closed
  clearTimeout(cut)
}

/** Error codes of Node's parser, and the statuses that they mean. */
const PARSER_STATUSES: ReadonlyMap<unknown, number> = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
])

/** Answers a connection that sent no valid request, and closes it. */
function refuseConnection(error: Error | null, socket: Duplex): void {
  const status = PARSER_STATUSES.get(error !== null && "code" in error ? error.code : undefined) ?? 400
  if (!socket.writable) return void socket.destroy()
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
