/** The API server of the benchmarks, in its own process. It reads the whole request and sends a short or a long stream. */
import { createServer } from "node:http"

/** @param {number} bytes of text @param {"stop" | null} finish_reason */
const chunkOf = (bytes, finish_reason = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "x".repeat(bytes) }, finish_reason }] })}\n\n`

const server = createServer(async (request, response) => {
  for await (const _ of request);
  const chunks = Number(request.headers["x-chunks"] ?? 0)
  const chunk = chunkOf(Number(request.headers["x-chunk-bytes"] ?? 16))
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (let sent = 0; sent < chunks; sent++) {
    if (!response.write(chunk)) await new Promise((resolve) => response.once("drain", resolve))
  }
  response.end(chunkOf(1, "stop"))
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) console.log(`http://127.0.0.1:${address.port}`)
})
