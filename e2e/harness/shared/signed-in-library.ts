import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { authorizationServer, createQwenAuth, credentialFile, type QwenAuth } from "qwen-auth-core"
import { type SimulatorProcess, startSimulator } from "./simulator-process.ts"

/** The library as a program uses it: signed in to a simulator, with a real credential file. */
export interface SignedInLibrary {
  readonly simulator: SimulatorProcess
  readonly qwen: QwenAuth
  close(): Promise<void>
}

/** Starts a simulator and signs in to it. */
export async function signedInLibrary(): Promise<SignedInLibrary> {
  const folder = await mkdtemp(join(tmpdir(), "qwen-sign-in-library-"))
  const simulator = await startSimulator()
  await simulator.control("scenario", { deviceCode: { intervalS: 1, autoApprove: true } })
  const qwen = createQwenAuth({
    store: credentialFile(join(folder, "oauth_token.json")),
    server: authorizationServer({ baseUrl: simulator.origin }),
    apiBaseUrl: `${simulator.origin}/v1`,
    userAgent: "e2e/1.0.0",
  })
  await qwen.signIn({ onVerification: () => {} })
  return {
    simulator,
    qwen,
    async close() {
      simulator.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
