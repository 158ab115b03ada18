import { connect } from "node:net"

/** What a connection answered. */
export interface RawAnswer {
  /** The status of the first answer; undefined when the connection ended without one. */
  readonly status: number | undefined
  readonly text: string
}

/**
 * Sends bytes to a port of this computer and reads until the connection ends, or until an answer is complete.
 * @param end closes our side after the bytes, like a client that was cut off
 */
export function rawRequest(port: number, bytes: string | Uint8Array, { end = false } = {}): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
    let text = ""
    const done = () => {
      socket.destroy()
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? []
      resolve({ status: status === undefined ? undefined : Number(status), text })
    }
    socket.on("data", (part) => {
      text += part.toString("latin1")
      if (isComplete(text)) done()
    })
    socket.once("end", done)
    // A refused connection may be reset while we still send.
    socket.once("error", done)
    socket.write(bytes)
    if (end) socket.end()
  })
}

function isComplete(text: string): boolean {
  const head = text.indexOf("\r\n\r\n")
  if (head === -1 || /^HTTP\/1\.1 100/.test(text)) return false
  const [, length] = /^content-length: (\d+)$/im.exec(text.slice(0, head)) ?? []
  return length === undefined ? text.endsWith("0\r\n\r\n") : text.length >= head + 4 + Number(length)
}
