import { authorizationServer, credentialFile, nodePlatform } from "qwen-auth-core"
import { CredentialManager, createQwenFetch } from "qwen-auth-core/internal"

/**
 * The file of a sign-in and the origin of its service.
 * @typedef {object} SignIn
 * @property {string} origin
 * @property {string} file
 * @property {import("qwen-auth-core/internal").LockTimes | undefined} [lockTimes]
 */

/** A manager without anything in memory. @param {SignIn} signIn */
export function newManager({ origin, file, lockTimes }) {
  const platform = nodePlatform()
  const store = credentialFile(file, { platform, ...(lockTimes === undefined ? {} : { lockTimes }) })
  return new CredentialManager({ platform, server: authorizationServer({ baseUrl: origin }), store })
}

/**
 * Sends several chat requests at once.
 * @param {SignIn} signIn
 * @param {number} requests
 * @returns {Promise<{ statuses: number[], errors: string[] }>} `errors`: the bodies of all responses other than 200
 */
export async function askAtOnce(signIn, requests) {
  const credentials = newManager(signIn)
  const apiBaseUrl = `${signIn.origin}/v1`
  const qwenFetch = createQwenFetch({ platform: nodePlatform(), credentials, userAgent: "e2e/1.0.0", apiBaseUrl })
  const messages = [{ role: "user", content: "What is 6 * 7?" }]
  const init = { method: "POST", body: JSON.stringify({ model: "coder-model", messages }) }
  const answers = await Promise.all(
    Array.from({ length: requests }, async () => {
      const response = await qwenFetch(`${apiBaseUrl}/chat/completions`, init)
      return { status: response.status, text: await response.text() }
    }),
  )
  return {
    statuses: answers.map(({ status }) => status),
    errors: answers.filter(({ status }) => status !== 200).map(({ text }) => text),
  }
}
