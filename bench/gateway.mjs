/** Measures requests through the gateway, in its own process, compared with the same requests sent directly. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { sideBySide } from "./median.mjs"
import { withFolder } from "./temporary-folder.mjs"
import { withServer } from "./with-server.mjs"

const PROGRAM = fileURLToPath(new URL("../packages/cli/dist/qwen-auth.js", import.meta.url))
const AT_ONCE = 50
const REQUESTS = 3_000
const json = { "content-type": "application/json" }
const body = JSON.stringify({
  model: "coder-model",
  stream: true,
  messages: [
    { role: "system", content: "You are helpful." },
    { role: "user", content: "x".repeat(1_900) },
  ],
})

await withServer("server.mjs", async (origin) => {
  await withFolder(async (home) => {
    const gateway = await startGateway(origin, home)
    try {
      await measure(
        request(`${origin}/v1/chat/completions`, "access"),
        request(`${gateway.origin}/v1/chat/completions`, gateway.key),
      )
    } finally {
      gateway.stop()
    }
  })
})

/** @typedef {(headers?: Record<string, string>) => Promise<Response>} Send */

/** @param {string} url @param {string} key @returns {Send} */
function request(url, key) {
  return (headers = {}) =>
    fetch(url, { method: "POST", headers: { ...json, authorization: `Bearer ${key}`, ...headers }, body })
}

/** @param {Send} straight @param {Send} through */
async function measure(straight, through) {
  await compare("a request of 2 KB, p50", 400, total, straight, through)
  const long = { "x-chunks": "64", "x-chunk-bytes": "16384" }
  await compare(
    "first byte of a megabyte",
    100,
    firstByte,
    () => straight(long),
    () => through(long),
  )
  await compare(
    "a streamed megabyte",
    60,
    total,
    () => straight(long),
    () => through(long),
  )
  const small = { "x-chunks": "10000", "x-chunk-bytes": "16" }
  await compare(
    "a megabyte in 10 000 events",
    30,
    total,
    () => straight(small),
    () => through(small),
  )
  const rate = { straight: await perSecond(straight), through: await perSecond(through) }
  console.log(
    `  gateway, ${AT_ONCE} at once: ${rate.through.toFixed(0)} requests/s, straight ${rate.straight.toFixed(0)} requests/s`,
  )
}

/**
 * @param {string} what @param {number} rounds @param {(send: Send) => Promise<number>} time
 * @param {Send} straight @param {Send} through
 */
async function compare(what, rounds, time, straight, through) {
  await sideBySide(
    10,
    () => time(straight),
    () => time(through),
  )
  const { baseline, ours } = await sideBySide(
    rounds,
    () => time(straight),
    () => time(through),
  )
  const ratio = (ours / baseline).toFixed(2)
  console.log(`  gateway, ${what}: ${ratio}× going straight (${ours.toFixed(2)} ms, ${baseline.toFixed(2)} ms)`)
}

/** @param {Send} send @returns {Promise<number>} ms until the whole answer has arrived */
async function total(send) {
  const started = performance.now()
  const reader = (await send()).body?.getReader()
  while (reader !== undefined && !(await reader.read()).done);
  return performance.now() - started
}

/** @param {Send} send @returns {Promise<number>} ms */
async function firstByte(send) {
  const started = performance.now()
  const reader = (await send()).body?.getReader()
  await reader?.read()
  const elapsed = performance.now() - started
  while (reader !== undefined && !(await reader.read()).done);
  return elapsed
}

/** @param {Send} send @returns {Promise<number>} */
async function perSecond(send) {
  let left = REQUESTS
  const started = performance.now()
  const client = async () => {
    while (left-- > 0) await total(send)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  return (REQUESTS / (performance.now() - started)) * 1_000
}

/**
 * Starts `qwen-auth serve` with a signed-in account.
 * @param {string} upstream @param {string} home
 */
async function startGateway(upstream, home) {
  const folder = join(home, ".opencode", "qwen")
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const stored = { access_token: "access", refresh_token: "refresh", expiry_date: Date.now() + 3_600_000 }
  await writeFile(join(folder, "oauth_token.json"), JSON.stringify(stored), { mode: 0o600 })
  const env = { PATH: process.env["PATH"], HOME: home, USERPROFILE: home, QWEN_API_BASE_URL: `${upstream}/v1` }
  const child = spawn("node", [PROGRAM, "serve", "--next-port"], { env })
  const [address, key] = await Promise.all([once(child.stdout, "data"), once(child.stderr, "data")])
  return {
    origin: /http:\S+(?= )/.exec(String(address[0]))?.[0] ?? "",
    key: /shown once: (\S+)/.exec(String(key[0]))?.[1] ?? "",
    stop: () => child.kill(),
  }
}
