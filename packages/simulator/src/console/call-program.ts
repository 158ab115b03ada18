import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http"
import type { Call } from "./call-shapes.ts"

/** The program's response. */
export interface ProgramAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** The target and the origin of a call. */
export interface Caller {
  /** A port of 127.0.0.1. No other host is ever called. */
  port: number
  /** The `Origin` header; `null`: none. */
  origin: string | null
  signal: AbortSignal
}

const DEADLINE_MS = 10_000

/** Sends the preflight request that a browser sends before the call. */
export function preflight(caller: Caller, { method, path, contentType }: Call): Promise<ProgramAnswer> {
  const headers = {
    "access-control-request-method": method,
    // A browser needs permission only for headers that are not safelisted, such as a JSON content type.
    ...(contentType === "application/json" ? { "access-control-request-headers": "content-type" } : {}),
    "access-control-request-private-network": "true",
  }
  return exchange(caller, "OPTIONS", path, headers, "")
}

/** Makes the call. @throws Error when no program listens on the port or it does not answer in time */
export function callProgram(caller: Caller, { method, path, contentType, body }: Call): Promise<ProgramAnswer> {
  return exchange(caller, method, path, contentType === undefined ? {} : { "content-type": contentType }, body)
}

function exchange(
  { port, origin, signal }: Caller,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body: string,
): Promise<ProgramAnswer> {
  const sent = { ...headers, "content-length": Buffer.byteLength(body), ...(origin === null ? {} : { origin }) }
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers: sent, agent: false, signal })
    request.setTimeout(DEADLINE_MS, () => request.destroy(new Error(`No answer within ${DEADLINE_MS / 1000} s`)))
    request.on("error", reject)
    request.on("response", (response) => {
      const pieces: Buffer[] = []
      response.on("data", (piece: Buffer) => pieces.push(piece))
      response.on("error", reject)
      response.on("end", () => {
        const { statusCode = 0, headers: received } = response
        resolve({ status: statusCode, headers: received, body: Buffer.concat(pieces).toString("utf8") })
      })
    })
    request.end(body)
  })
}
