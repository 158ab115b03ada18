/** Reads one stream of 200 MB and prints the peak growth of this process in MB. */
import { signedIn } from "./signed-in.mjs"

const [which, origin = ""] = process.argv.slice(2)
const url = `${origin}/v1/chat/completions`
const headers = { "content-type": "application/json", "x-chunks": "3200", "x-chunk-bytes": "65536" }
const body = JSON.stringify({ model: "coder-model", stream: true, messages: [{ role: "user", content: "go" }] })
const request = which === "ours" ? signedIn(origin).fetch : fetch

const response = await request(url, { method: "POST", headers, body })
const reader = response.body?.getReader()
const before = process.memoryUsage().rss
let peak = before
let bytes = 0
for (;;) {
  const part = await reader?.read()
  if (part === undefined || part.done) break
  bytes += part.value.byteLength
  peak = Math.max(peak, process.memoryUsage().rss)
}
if (bytes < 200_000_000) throw new Error(`only ${bytes} bytes arrived`)
process.stdout.write(String(Math.round((peak - before) / 1e6)))
