import { rmSync } from "node:fs"
import { mkdtemp, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as v from "valibot"
import { type SimulatorProcess, startSimulator } from "../shared/simulator-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { testWith, writePrivately } from "./with-opencode.ts"

/**
 * A test in which OpenCode reaches the simulator under the real names of Qwen's hosts, through a proxy and a certificate as a
 * company has them: nothing in the plugin knows that it is a test.
 */
export const it = testWith(startProxiedSimulator, ({ proxyEnv }) => proxyEnv, qwenAt)

/** Qwen's sign-in under its real name, of which the tokens are for `portal.qwen.ai`. */
export function qwenAt(origin: string): string {
  return `${origin}/_hosts/chat.qwen.ai`
}

/** Starts a simulator with a proxy. */
export async function startProxiedSimulator(): Promise<SimulatorProcess> {
  const folder = await mkdtemp(join(tmpdir(), "qwen-certificate-"))
  const simulator = await startSimulator(join(folder, "proxy.pem"))
  return {
    ...simulator,
    stop() {
      simulator.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const KeyFile = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    alibaba: v.object({ type: v.literal("api"), key: v.string(), metadata: v.record(v.string(), v.string()) }),
  }),
)

/** OpenCode's own record of an API key. */
export async function readKeyEntry(home: ThrowawayHome) {
  return v.parse(KeyFile, await readFile(home.authFile, "utf8")).alibaba
}

/** Where a key belongs, as the plugin writes it into OpenCode's record. */
export interface EndpointProbe {
  readonly plan: string
  readonly region: string
  readonly baseUrl: string
}

/** Puts a key into OpenCode's record, as a sign-in does, without the wait for its screen. */
export async function signedInWithKey(home: ThrowawayHome, key: string, place: EndpointProbe): Promise<void> {
  await writePrivately(home.authFile, { alibaba: { type: "api", key, metadata: { qwenAuth: "resolved", ...place } } })
}
