/** Measures a stream of 10 000 chunks, compared with a bare fetch. */
import { sideBySide } from "./median.mjs"
import { signedIn } from "./signed-in.mjs"
import { withServer } from "./with-server.mjs"

const ROUNDS = 30
const headers = { "content-type": "application/json", "x-chunks": "10000" }
const body = JSON.stringify({ model: "coder-model", stream: true, messages: [{ role: "user", content: "go" }] })
const init = { method: "POST", headers, body }

await withServer("server.mjs", async (origin) => {
  const url = `${origin}/v1/chat/completions`
  const { fetch: qwenFetch } = signedIn(origin)
  const bare = () => fetch(url, init)
  const ours = () => qwenFetch(url, init)
  await sideBySide(
    5,
    () => total(bare),
    () => total(ours),
  )
  const p50 = await sideBySide(
    ROUNDS,
    () => total(bare),
    () => total(ours),
  )
  const ratio = (p50.ours / p50.baseline).toFixed(2)
  console.log(
    `  stream of 10 000 chunks: ${ratio}× a bare fetch (${p50.ours.toFixed(2)} ms, ${p50.baseline.toFixed(2)} ms)`,
  )
})

/** @param {() => Promise<Response>} request @returns {Promise<number>} ms */
async function total(request) {
  const started = performance.now()
  const reader = (await request()).body?.getReader()
  while (reader !== undefined && !(await reader.read()).done);
  return performance.now() - started
}
