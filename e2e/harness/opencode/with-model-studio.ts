import { rmSync } from "node:fs"
import { mkdtemp, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Region } from "qwen-auth-core"
import * as v from "valibot"
import { PLAN_IDS } from "../shared/key-client.ts"
import {
  type ApiKey,
  type Simulator,
  type SimulatorPlan,
  type SimulatorProcess,
  startSimulator,
} from "../shared/simulator-process.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { signedIn, testWith, writePrivately } from "./with-opencode.ts"

/**
 * A test in which OpenCode reaches the simulator under the real names of Qwen's hosts, through a proxy with its own certificate, as in a
 * company. The plugin is not configured for the test.
 */
export const it = testWith(startProxiedSimulator, ({ proxyEnv }) => proxyEnv, qwenAt)

/** The simulator's URL of `chat.qwen.ai`. Its tokens are valid for `portal.qwen.ai`. */
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

/** A key's endpoint, as the plugin writes it into OpenCode's record. */
interface KeyEndpoint {
  readonly plan: string
  readonly region: string
  readonly baseUrl: string
}

/** Creates a key of a plan and writes it into OpenCode's record, as a sign-in does, but without its user interface. */
export async function signedInToPlan(
  simulator: Simulator,
  home: ThrowawayHome,
  plan: SimulatorPlan,
  region: Region = "international",
): Promise<ApiKey> {
  const made = await simulator.apiKey(plan, { region })
  await signedInWithKey(home, made.key, { plan: PLAN_IDS[plan], region, baseUrl: made.base_url })
  return made
}

/** Writes a key into OpenCode's record, as a sign-in does, but without its user interface. */
export async function signedInWithKey(home: ThrowawayHome, key: string, endpoint: KeyEndpoint): Promise<void> {
  await writePrivately(home.authFile, {
    alibaba: { type: "api", key, metadata: { qwenAuth: "resolved", ...endpoint } },
  })
}

/** Writes a new sign-in with a Qwen account whose token is valid for `portal.qwen.ai`, as Qwen's tokens are. */
export async function signedInAtPortal(simulator: Simulator, home: ThrowawayHome): Promise<void> {
  await simulator.control("scenario", { token: { resourceUrl: "portal.qwen.ai" } })
  await signedIn(simulator, home)
}
