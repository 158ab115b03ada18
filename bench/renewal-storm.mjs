/** Lets several processes find one expired token at the same moment. Counts the refreshes and measures the time until all have a token. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { median } from "./median.mjs"
import { withFolder } from "./temporary-folder.mjs"
import { withServer } from "./with-server.mjs"

const ROUNDS = 7
const child = fileURLToPath(new URL("renewal-child.mjs", import.meta.url))

await withServer("token-server.mjs", (origin) =>
  withFolder(async (folder) => {
    const file = join(folder, "oauth_token.json")
    const roundTrip = median(await rounds(() => bareRefresh(origin)))
    await fetch(`${origin}/refreshes`)
    for (const processes of [1, 4, 16]) {
      const children = Array.from({ length: processes }, () => fork(child, [origin, file]))
      await Promise.all(children.map((process) => once(process, "message")))
      const times = await rounds(() => storm(children, file))
      const refreshes = Number(await (await fetch(`${origin}/refreshes`)).json())
      for (const process of children) process.kill()
      const ratio = (median(times) / roundTrip).toFixed(2)
      console.log(
        `  refresh, ${processes} processes: ${refreshes / ROUNDS} refreshes; all served after ${ratio}× one refresh round trip (${Math.round(median(times))} ms)`,
      )
    }
  }),
)

/** @param {() => Promise<number>} task @returns {Promise<number[]>} */
async function rounds(task) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) times.push(await task())
  return times
}

/** @param {string} origin @returns {Promise<number>} ms */
async function bareRefresh(origin) {
  const started = performance.now()
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "refresh", client_id: "bench" })
  await (await fetch(`${origin}/api/v1/oauth2/token`, { method: "POST", body })).json()
  return performance.now() - started
}

/**
 * @param {import("node:child_process").ChildProcess[]} children
 * @param {string} file
 * @returns {Promise<number>} ms until the last process has its credential
 */
async function storm(children, file) {
  const expired = {
    access_token: "old",
    refresh_token: "refresh",
    token_type: "Bearer",
    expiry_date: Date.now() - 1000,
  }
  writeFileSync(file, JSON.stringify(expired), { mode: 0o600 })
  const served = Promise.all(children.map((process) => once(process, "message")))
  const started = performance.now()
  for (const process of children) process.send("go")
  await served
  return performance.now() - started
}
