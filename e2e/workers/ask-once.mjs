/**
 * A process with one sign-in that asks several things at once and ends: prints what came back, a line of JSON.
 * Its only argument is JSON: `origin` and `file`; `requests` at once; `clockMs`, what its clock is ahead; `haste`, how many times
 * faster its waits pass (the answers' delays stay real); `lockFolder`, where to lock when the file's folder cannot be written.
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
