import { createServer, type IncomingHttpHeaders } from "node:http"
import { text } from "node:stream/consumers"
import { onTestFinished } from "vitest"
import { close, listen } from "../http/listening.ts"

/** A call that reached the program. */
interface ReceivedCall {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** A program that waits on loopback for a console's call and answers every request in the same way. */
export interface WaitingProgram {
  port: number
  /** The `notice` of its link. */
  notice: string
  calls: ReceivedCall[]
  /** Answers the calls that wait. */
  release(): void
  end(): Promise<void>
}

export const STATE = "0123456789abcdef0123456789abcdef"

/** Starts a program that ends with the test. Calls get `status`, with `waits` only after release; preflights allow `origin`. */
export async function waitingProgram({ status = 200, origin = "*", waits = false } = {}): Promise<WaitingProgram> {
  const calls: ReceivedCall[] = []
  const { promise: released, resolve: release } = withResolver()
  if (!waits) release()
  const allowed = {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": "content-type",
    "access-control-allow-private-network": "true",
  }
  const server = createServer(async (message, response) => {
    const { method, url, headers } = message
    calls.push({ method, url, headers, body: await text(message) })
    if (method === "OPTIONS") {
      response.writeHead(204, allowed).end()
      return
    }
    await released
    response.writeHead(status, allowed).end("OK")
  })
  const port = await listen(server, 0)
  const end = () => close(server)
  onTestFinished(end)
  return { port, notice: `127.0.0.1:${port}?state=${STATE}`, calls, release, end }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
