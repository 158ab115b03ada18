/**
 * A process with one sign-in that sends several requests at once, then one more, prints the responses as one JSON line and ends.
 * Its only argument is JSON: `origin` and `file`; `requests`, the number of simultaneous requests; `clockMs`, how far its clock is ahead;
 * `haste`, the factor by which its waits are shortened (server delays are not); `lockFolder`, the folder for the lock when the file's
 * folder is not writable.
 */
import { authorizationServer, credentialFile, nodePlatform } from "qwen-auth-core"
import { CredentialManager, createQwenFetch } from "qwen-auth-core/internal"

const { origin, file, requests, clockMs = 0, haste = 1, lockFolder } = JSON.parse(process.argv[2] ?? "{}")
const real = nodePlatform()
/** @type {string[]} */
const warnings = []
const platform = nodePlatform({
  now: () => real.now() + clockMs,
  sleep: (ms, signal) => real.sleep(ms / haste, signal),
  setTimeout: (ms, task) => real.setTimeout(ms / haste, task),
  setInterval: (ms, task) => real.setInterval(ms / haste, task),
  log: { debug() {}, warn: (message) => void warnings.push(message), error() {} },
})
const credentials = new CredentialManager({
  platform,
  server: authorizationServer({ baseUrl: origin }),
  store: credentialFile(file, { platform, fallbackLockFolder: lockFolder }),
})
const qwenFetch = createQwenFetch({ platform, credentials, userAgent: "e2e/1.0.0", apiBaseUrl: `${origin}/v1` })
const body = JSON.stringify({ model: "coder-model", messages: [{ role: "user", content: "What is 6 times 7?" }] })

async function ask() {
  const response = await qwenFetch(`${origin}/v1/chat/completions`, { method: "POST", body })
  return { status: response.status, text: await response.text() }
}

const answers = await Promise.all(Array.from({ length: requests }, ask))
const again = await ask()
process.stdout.write(JSON.stringify({ answers, again, warnings }))
