import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as v from "valibot"
import { test } from "vitest"
import { type Simulator, startSimulator } from "../shared/simulator-process.ts"
import { BUILT_PLUGIN } from "./opencode.ts"
import { createThrowawayHome, type ThrowawayHome } from "./throwaway-home.ts"
import { writePrivately } from "./with-opencode.ts"

/**
 * A test in which OpenCode reaches the simulator under the real names of Qwen's hosts, through a proxy and a certificate as a
 * company has them: nothing in the plugin knows that it is a test.
 */
export const it = test.extend<{ simulator: Simulator; home: ThrowawayHome }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  simulator: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "qwen-certificate-"))
    const simulator = await startSimulator(join(folder, "proxy.pem"))
    await simulator.control("scenario", { deviceCode: { intervalS: 1 } })
    await use(simulator)
    simulator.stop()
    await rm(folder, { recursive: true, force: true })
  },
  home: async ({ simulator }, use) => {
    const home = await createThrowawayHome({ plugin: BUILT_PLUGIN, env: simulator.proxyEnv })
    await use(home)
    await home.remove()
  },
})

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
export interface KeyPlace {
  readonly plan: string
  readonly region: string
  readonly baseUrl: string
}

/** Puts a key into OpenCode's record, as a sign-in does, without the wait for its screen. */
export async function signedInWithKey(home: ThrowawayHome, key: string, place: KeyPlace): Promise<void> {
  await writePrivately(home.authFile, { alibaba: { type: "api", key, metadata: { qwenAuth: "placed", ...place } } })
}
