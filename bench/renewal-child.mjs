/** One process of the renewal storm: asks for a credential each time it is told to. */
import { authorizationServer, CredentialManager, credentialFile, nodePlatform } from "qwen-auth-core"

const [origin = "", file = ""] = process.argv.slice(2)
const platform = nodePlatform()

process.on("message", async () => {
  const store = credentialFile(platform, file)
  const credentials = new CredentialManager({ platform, server: authorizationServer({ baseUrl: origin }), store })
  await credentials.getCredential()
  process.send?.("served")
})
process.send?.("ready")
