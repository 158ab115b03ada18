import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { authorizationServer, credentialFile, type Fetch, nodePlatform } from "qwen-auth-core"
import { CredentialManager, createQwenFetch, startDeviceSignIn } from "qwen-auth-core/internal"
import { type SimulatorProcess, startSimulator } from "./simulator-process.ts"

/** The library as a program uses it: signed in to a simulator, with a real credential file. */
export interface SignedInLibrary {
  readonly simulator: SimulatorProcess
  readonly credentials: CredentialManager
  readonly qwenFetch: Fetch
  close(): Promise<void>
}

/** Starts a simulator and signs in to it. */
export async function signedInLibrary(): Promise<SignedInLibrary> {
  const folder = await mkdtemp(join(tmpdir(), "qwen-sign-in-library-"))
  const simulator = await startSimulator()
  await simulator.control("scenario", { deviceCode: { intervalS: 1, autoApprove: true } })
  const platform = nodePlatform()
  const server = authorizationServer({ baseUrl: simulator.origin })
  const store = credentialFile(join(folder, "oauth_token.json"), { platform })
  const credentials = new CredentialManager({ platform, server, store })
  await credentials.setCredential(await (await startDeviceSignIn({ platform, server })).wait())
  const apiBaseUrl = `${simulator.origin}/v1`
  return {
    simulator,
    credentials,
    qwenFetch: createQwenFetch({ platform, credentials, userAgent: "e2e/1.0.0", apiBaseUrl }),
    async close() {
      simulator.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
