/** What a request costs: the authenticated fetch with its body rules, beside a bare fetch of the same body. */
import { sideBySide } from "./median.mjs"
import { signedInFetch } from "./signed-in-fetch.mjs"
import { withServer } from "./with-server.mjs"

const SIZES = [
  { name: "2 KB", bytes: 2_000, rounds: 400 },
  { name: "100 KB", bytes: 100_000, rounds: 200 },
  { name: "1 MB", bytes: 1_000_000, rounds: 60 },
]

await withServer("server.mjs", async (origin) => {
  const url = `${origin}/v1/chat/completions`
  const qwenFetch = signedInFetch(origin)
  for (const { name, bytes, rounds } of SIZES) {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: chatBody(bytes) }
    const bare = () =>
      timed(() => fetch(url, { ...init, headers: { ...init.headers, authorization: "Bearer access" } }))
    const ours = () => timed(() => qwenFetch(url, init))
    await sideBySide(20, bare, ours)
    const p50 = await sideBySide(rounds, bare, ours)
    const ratio = (p50.ours / p50.yardstick).toFixed(2)
    console.log(
      `  request ${name}: p50 ${ratio}× a bare fetch (${p50.ours.toFixed(2)} ms, ${p50.yardstick.toFixed(2)} ms)`,
    )
  }
})

/** A conversation of about `bytes` bytes, in messages of 1 KB. @param {number} bytes */
function chatBody(bytes) {
  const turns = Array.from({ length: Math.ceil(bytes / 1000) }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: "x".repeat(960),
  }))
  const messages = [{ role: "system", content: "You are helpful." }, ...turns]
  return JSON.stringify({ model: "coder-model", stream: true, messages })
}

/** @param {() => Promise<Response>} request @returns {Promise<number>} ms until the whole answer is there */
async function timed(request) {
  const started = performance.now()
  await (await request()).text()
  return performance.now() - started
}
