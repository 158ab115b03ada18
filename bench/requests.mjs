/** Measures a request from the object to the response: the authenticated fetch compared with a bare fetch of the same body. */
import { sideBySide } from "./median.mjs"
import { signedIn, withKey } from "./signed-in.mjs"
import { withServer } from "./with-server.mjs"

const SIZES = [
  { name: "2 KB", bytes: 2_000, rounds: 400 },
  { name: "100 KB", bytes: 100_000, rounds: 200 },
  { name: "1 MB", bytes: 1_000_000, rounds: 60 },
]
const headers = { "content-type": "application/json" }

await withServer("server.mjs", async (origin) => {
  const url = `${origin}/v1/chat/completions`
  const account = signedIn(origin)
  const key = withKey(origin)
  /** @type {Record<string, (body: Record<string, unknown>) => Promise<Response>>} */
  const ways = {
    "in OpenCode (body prepared before it is serialised)": (body) =>
      account.fetch(url, { method: "POST", headers, body: JSON.stringify(account.bodies.prepare(body)) }),
    "with an API key in OpenCode (body prepared, marked for the prompt cache)": (body) =>
      key.fetch(url, { method: "POST", headers, body: JSON.stringify(key.bodies.prepare(body)) }),
    "with an API key (body parsed again)": (body) =>
      key.fetch(url, { method: "POST", headers, body: JSON.stringify(body) }),
    "as a fetch alone (body parsed again)": (body) =>
      account.fetch(url, { method: "POST", headers, body: JSON.stringify(body) }),
  }
  for (const [way, request] of Object.entries(ways)) {
    for (const { name, bytes, rounds } of SIZES) await compare(`${name} ${way}`, chatBody(bytes), rounds, request, url)
  }
})

/**
 * @param {string} name
 * @param {Record<string, unknown>} body
 * @param {number} rounds
 * @param {(body: Record<string, unknown>) => Promise<Response>} request
 * @param {string} url
 */
async function compare(name, body, rounds, request, url) {
  const bearer = { ...headers, authorization: "Bearer access" }
  const bare = () => timed(() => fetch(url, { method: "POST", headers: bearer, body: JSON.stringify(body) }))
  const ours = () => timed(() => request(body))
  await sideBySide(20, bare, ours)
  const p50 = await sideBySide(rounds, bare, ours)
  const ratio = (p50.ours / p50.baseline).toFixed(2)
  console.log(
    `  request ${name}: p50 ${ratio}× a bare fetch (${p50.ours.toFixed(2)} ms, ${p50.baseline.toFixed(2)} ms)`,
  )
}

/** A conversation of about `bytes` bytes, in messages of 1 KB. @param {number} bytes @returns {Record<string, unknown>} */
function chatBody(bytes) {
  const conversation = Array.from({ length: Math.ceil(bytes / 1000) }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: "x".repeat(960),
  }))
  const messages = [{ role: "system", content: "You are helpful." }, ...conversation]
  return { model: "coder-model", stream: true, messages }
}

/** @param {() => Promise<Response>} request @returns {Promise<number>} ms until the whole response has arrived */
async function timed(request) {
  const started = performance.now()
  await (await request()).text()
  return performance.now() - started
}
