/** Measures a stream of 10 000 chunks: first byte and total time, compared with a bare fetch. */
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
  show(
    "first byte",
    await sideBySide(
      ROUNDS,
      () => firstByte(bare),
      () => firstByte(ours),
    ),
  )
  show(
    "total",
    await sideBySide(
      ROUNDS,
      () => total(bare),
      () => total(ours),
    ),
  )
})

/** @param {string} what @param {{baseline: number, ours: number}} p50 */
function show(what, { baseline, ours }) {
  const ratio = (ours / baseline).toFixed(2)
  console.log(
    `  stream of 10 000 chunks, ${what}: ${ratio}× a bare fetch (${ours.toFixed(2)} ms, ${baseline.toFixed(2)} ms)`,
  )
}

/** @param {() => Promise<Response>} request @returns {Promise<number>} ms */
async function firstByte(request) {
  const started = performance.now()
  const reader = (await request()).body?.getReader()
  await reader?.read()
  const elapsed = performance.now() - started
  await reader?.cancel()
  return elapsed
}

/** @param {() => Promise<Response>} request @returns {Promise<number>} ms */
async function total(request) {
  const started = performance.now()
  const reader = (await request()).body?.getReader()
  while (reader !== undefined && !(await reader.read()).done);
  return performance.now() - started
}
