/** One process of the renewal storm: asks for a credential each time it is told to. */
import { authorizationServer, CredentialManager, credentialFile, systemWorld } from "qwen-auth-core"

const [origin = "", file = ""] = process.argv.slice(2)
const world = systemWorld()

process.on("message", async () => {
  const store = credentialFile(world, file)
  const credentials = new CredentialManager({ world, server: authorizationServer({ baseUrl: origin }), store })
  await credentials.current()
  process.send?.("served")
})
process.send?.("ready")
