/** The authorization server of the benchmarks, in its own process. It answers refreshes after a delay and counts them. */
import { createServer } from "node:http"

const DELAY_MS = 200
let refreshes = 0

const server = createServer(async (request, response) => {
  for await (const _ of request);
  response.setHeader("content-type", "application/json")
  if (request.url === "/refreshes") {
    response.end(JSON.stringify(refreshes))
    refreshes = 0
    return
  }
  refreshes += 1
  const tokens = {
    access_token: `access-${Date.now()}`,
    refresh_token: "refresh",
    token_type: "Bearer",
    expires_in: 3600,
  }
  setTimeout(() => response.end(JSON.stringify(tokens)), DELAY_MS)
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) console.log(`http://127.0.0.1:${address.port}`)
})
