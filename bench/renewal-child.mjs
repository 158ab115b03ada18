/** One process of the refresh storm: gets a credential for each message from its parent. */
import { authorizationServer, credentialFile, nodePlatform } from "qwen-auth-core"
import { CredentialManager } from "qwen-auth-core/internal"

const [origin = "", file = ""] = process.argv.slice(2)
const platform = nodePlatform()

process.on("message", async () => {
  const store = credentialFile(file, { platform })
  const credentials = new CredentialManager({ platform, server: authorizationServer({ baseUrl: origin }), store })
  await credentials.getCredential()
  process.send?.("served")
})
process.send?.("ready")
