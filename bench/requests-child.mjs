/**
 * Measures requests in a young process: `<origin> <way> <bytes>`. Prints the median time of ours and of a bare fetch, ms, from the object until
 * the whole response, and until its first byte. Signals and headers are passed as OpenCode does.
 */
import { sideBySide } from "./median.mjs"
import { signedIn, withKey } from "./signed-in.mjs"

const WARM_UP = 30
const [origin = "", way = "", bytes = ""] = process.argv.slice(2)
const ROUNDS = Number(bytes) < 1_000_000 ? 80 : 25
const url = `${origin}/v1/chat/completions`
const headers = { "content-type": "application/json", "user-agent": "opencode/1.18.33", "x-session-affinity": "ses_1" }
const bearer = { ...headers, authorization: "Bearer access" }
const { bodies, fetch: qwenFetch } = way.startsWith("key") ? withKey(origin) : signedIn(origin)
const prepare = way.endsWith("parsed") ? (/** @type {object} */ body) => body : bodies.prepare
const body = chatBody(Number(bytes))

const bare = () => fetch(url, init(bearer, JSON.stringify(body)))
const ours = () => qwenFetch(url, init(headers, JSON.stringify(prepare(body))))

await compare(WARM_UP, whole)
const results = { whole: await compare(ROUNDS, whole), firstByte: await compare(ROUNDS, firstByte) }
process.stdout.write(JSON.stringify(results))
process.exit()

/** @param {Record<string, string>} headers @param {string} body @returns {RequestInit} */
function init(headers, body) {
  return { method: "POST", headers, body, signal: new AbortController().signal }
}

/** @param {number} rounds @param {(request: () => Promise<Response>) => Promise<number>} timed */
function compare(rounds, timed) {
  return sideBySide(
    rounds,
    () => timed(bare),
    () => timed(ours),
  )
}

/** @param {() => Promise<Response>} request @returns {Promise<number>} ms */
async function whole(request) {
  const started = performance.now()
  await (await request()).text()
  return performance.now() - started
}

/** @param {() => Promise<Response>} request @returns {Promise<number>} ms */
async function firstByte(request) {
  const started = performance.now()
  const reader = (await request()).body?.getReader()
  await reader?.read()
  const elapsed = performance.now() - started
  while (reader !== undefined && !(await reader.read()).done);
  return elapsed
}

/** A conversation of about `size` bytes, in messages of 1 KB. @param {number} size @returns {Record<string, unknown>} */
function chatBody(size) {
  const conversation = Array.from({ length: Math.ceil(size / 1000) }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: "x".repeat(960),
  }))
  const messages = [{ role: "system", content: "You are helpful." }, ...conversation]
  return { model: "coder-model", stream: true, messages }
}
