import { once } from "node:events"
import type { ServerResponse } from "node:http"
import type { Reply } from "./reply.ts"

/** Faults in the transmission of a reply. */
export interface Sending {
  /** Destroy the connection after this many bytes of the body; a shorter body arrives whole. */
  cutAfterBytes?: number | undefined
  /** Aborted when the client disconnects, which ends a stream. */
  signal: AbortSignal
}

/** Writes a reply, waiting for a slow reader instead of filling memory. */
export async function sendReply(response: ServerResponse, reply: Reply, sending: Sending): Promise<void> {
  if (typeof reply.body === "string") {
    await sendText(response, reply, reply.body, sending)
  } else {
    await sendStream(response, reply, reply.body, sending)
  }
}

async function sendText(response: ServerResponse, reply: Reply, text: string, sending: Sending): Promise<void> {
  const bytes = Buffer.from(text)
  response.writeHead(reply.status, { "content-length": String(bytes.length), ...reply.headers })
  const cut = sending.cutAfterBytes
  if (cut !== undefined && cut < bytes.length) {
    await cutOff(response, bytes.subarray(0, cut))
  } else {
    response.end(bytes)
  }
}

async function sendStream(
  response: ServerResponse,
  reply: Reply,
  pieces: AsyncIterable<string>,
  sending: Sending,
): Promise<void> {
  response.writeHead(reply.status, reply.headers)
  // The first piece may take a while. The headers are sent now, as in a real stream.
  response.flushHeaders()
  let left = sending.cutAfterBytes ?? Number.POSITIVE_INFINITY
  for await (const piece of pieces) {
    const size = Buffer.byteLength(piece)
    if (size > left) {
      await cutOff(response, Buffer.from(piece).subarray(0, left))
      return
    }
    left -= size
    if (!response.write(piece)) await once(response, "drain", { signal: sending.signal })
    if (sending.signal.aborted) return
  }
  response.end()
}

/** Sends the last bytes, then ends the connection in the middle of the body. */
async function cutOff(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  response.flushHeaders()
  if (bytes.length > 0) await new Promise<void>((resolve) => response.write(bytes, () => resolve()))
  // destroy() would discard the written bytes and headers.
  response.socket?.destroySoon()
}
