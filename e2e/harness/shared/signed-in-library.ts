import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  authorizationServer,
  CredentialManager,
  createQwenFetch,
  credentialFile,
  type Fetch,
  startDeviceSignIn,
  systemWorld,
} from "qwen-auth-core"
import { type SimulatorProcess, startSimulator } from "./simulator-process.ts"

/** The library as a program uses it: signed in at a simulator, with a real credential file. */
export interface SignedInLibrary {
  readonly simulator: SimulatorProcess
  readonly credentials: CredentialManager
  readonly qwenFetch: Fetch
  close(): Promise<void>
}

/** Starts a simulator and signs in at it. */
export async function signedInLibrary(): Promise<SignedInLibrary> {
  const folder = await mkdtemp(join(tmpdir(), "qwen-sign-in-library-"))
  const simulator = await startSimulator()
  await simulator.control("scenario", { deviceCode: { intervalS: 1, autoApprove: true } })
  const world = systemWorld()
  const server = authorizationServer({ baseUrl: simulator.origin })
  const store = credentialFile(world, join(folder, "oauth_token.json"))
  const credentials = new CredentialManager({ world, server, store })
  await credentials.adopt(await (await startDeviceSignIn(world, server)).wait())
  const apiBaseUrl = `${simulator.origin}/v1`
  return {
    simulator,
    credentials,
    qwenFetch: createQwenFetch({ world, credentials, userAgent: "e2e/1.0.0", apiBaseUrl }),
    async close() {
      simulator.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
