/**
 * A program that uses the built library with a sign-in shared with Qwen Code. Its argument is JSON: `origin` and `folder`. It answers
 * the same lines as qwen-code-process.mjs, each with a new manager over the same store.
 */
import { authorizationServer, nodePlatform, qwenCodeFile } from "qwen-auth-core"
import { CredentialManager } from "qwen-auth-core/internal"
import { answerLines } from "./answer-lines.mjs"

const { origin, folder } = JSON.parse(process.argv[2] ?? "{}")
const platform = nodePlatform()
const server = authorizationServer({ baseUrl: origin })
const store = qwenCodeFile(folder, { platform })

async function use() {
  let refreshed = false
  const credentials = new CredentialManager({
    platform,
    server,
    store,
    publish: async () => {
      refreshed = true
    },
  })
  const credential = await credentials.getCredential()
  return { accessToken: credential.type === "oauth" ? credential.accessToken : undefined, refreshed }
}

await answerLines(use)
