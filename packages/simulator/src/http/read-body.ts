import type { IncomingMessage } from "node:http"

/** The body is larger than its endpoint accepts. */
export class BodyTooLargeError extends Error {
  override name = "BodyTooLargeError"
  constructor(limitBytes: number) {
    super(`The request body is larger than ${limitBytes} bytes`)
  }
}

/**
 * Reads a request body as UTF-8.
 *
 * @throws BodyTooLargeError past `limitBytes`. The rest of the body is discarded, so that the client can read the 413.
 */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let size = 0
    request.on("data", (piece: Buffer) => {
      size += piece.length
      if (size <= limitBytes) {
        pieces.push(piece)
        return
      }
      pieces.length = 0
      reject(new BodyTooLargeError(limitBytes))
    })
    request.on("end", () => resolve(Buffer.concat(pieces).toString("utf8")))
    request.on("error", reject)
    request.on("close", () => reject(new Error("The client went away before its body had arrived")))
  })
}
