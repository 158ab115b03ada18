import { connect, createServer } from "node:net"

/** A request that is written to the socket unchanged. An HTTP client would correct it. */
export interface TestCall {
  method?: string
  target?: string
  /** `undefined` omits a header. */
  headers?: Readonly<Record<string, string | undefined>>
  body?: string
}

interface TestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Sends a request to the port and waits for the whole response. */
export async function call(port: number, { method = "GET", target = "/", headers = {}, body = "" }: TestCall = {}) {
  const fields = { host: `127.0.0.1:${port}`, "content-length": String(Buffer.byteLength(body)), ...headers }
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return parseResponse(
    await exchange(port, `${[`${method} ${target} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body}`),
  )
}

/** Writes a text and then bytes to the port, and returns everything received until the connection closes. */
export function exchange(port: number, text: string, bytes: readonly number[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ""
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text)
      socket.write(Uint8Array.from(bytes))
    })
    socket.setEncoding("utf8")
    socket.on("data", (chunk: string) => {
      received += chunk
    })
    socket.on("error", (error) => {
      if ("code" in error && error.code === "ECONNREFUSED") reject(error)
    })
    socket.on("close", () => resolve(received))
  })
}

/** Whether a program can listen on the port exclusively. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function parseResponse(response: string): TestAnswer {
  const end = response.indexOf("\r\n\r\n")
  const [statusLine = "", ...fields] = response.slice(0, Math.max(end, 0)).split("\r\n")
  const headers = new Headers()
  for (const field of fields) headers.append(field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1))
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, text: response.slice(end + 4) }
}
