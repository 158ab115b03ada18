/** Measures `getCredential()` on the hot path, compared with a plain async function, and counts the reads of the file. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { authorizationServer, credentialFile, nodePlatform } from "qwen-auth-core"
import { CredentialManager } from "qwen-auth-core/internal"
import { sideBySide } from "./median.mjs"
import { withFolder } from "./temporary-folder.mjs"

const CALLS = 20_000

await withFolder(async (folder) => {
  const file = join(folder, "oauth_token.json")
  const valid = { access_token: "a", refresh_token: "r", token_type: "Bearer", expiry_date: Date.now() + 3_600_000 }
  writeFileSync(file, JSON.stringify(valid), { mode: 0o600 })
  const platform = nodePlatform()
  const inner = credentialFile(file, { platform })
  let reads = 0
  const store = {
    ...inner,
    read: () => {
      reads += 1
      return inner.read()
    },
  }
  const credentials = new CredentialManager({ platform, server: authorizationServer(), store })
  const plain = async () => valid
  const started = performance.now()
  const cost = await sideBySide(
    20,
    () => microseconds(plain),
    () => microseconds(() => credentials.getCredential()),
  )
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `  credentials.getCredential(): ${cost.ours.toFixed(2)} µs, a plain async call ${cost.baseline.toFixed(2)} µs; the file was read ${reads} times in ${20 * CALLS} calls and ${seconds} s`,
  )
})

/** @param {() => Promise<unknown>} task @returns {Promise<number>} µs a call */
async function microseconds(task) {
  const started = performance.now()
  for (let call = 0; call < CALLS; call++) await task()
  return ((performance.now() - started) / CALLS) * 1000
}
