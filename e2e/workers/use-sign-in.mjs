import { authorizationServer, credentialFile, nodePlatform } from "qwen-auth-core"
import { CredentialManager, createQwenFetch } from "qwen-auth-core/internal"

/**
 * Where a sign-in is stored and which Qwen it is for.
 * @typedef {object} SignIn
 * @property {string} origin
 * @property {string} file
 * @property {import("qwen-auth-core/internal").LockTimes | undefined} [lockTimes]
 */

/** A manager as a program that just started has it. @param {SignIn} signIn */
export function newManager({ origin, file, lockTimes }) {
  const platform = nodePlatform()
  const store = credentialFile(file, { platform, ...(lockTimes === undefined ? {} : { lockTimes }) })
  return new CredentialManager({ platform, server: authorizationServer({ baseUrl: origin }), store })
}

/**
 * Sends chat requests at the same moment.
 * @param {SignIn} signIn
 * @param {number} requests
 * @returns {Promise<{ statuses: number[], words: string[] }>} `words`: the bodies of those that were not answered with 200
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
    words: answers.filter(({ status }) => status !== 200).map(({ text }) => text),
  }
}
