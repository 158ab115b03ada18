import { join } from "node:path"
import { test } from "vitest"
import { type AlmaHost, type HostOptions, loadPlugin } from "../../../packages/alma/test-host/load-plugin.ts"
import { throughSimulator } from "../../../packages/alma/test-host/network.ts"
import { REPOSITORY } from "../shared/repository.ts"
import { type Simulator, type SimulatorProcess, startSimulator } from "../shared/simulator-process.ts"

/** The built plugin folder for Alma. */
export const ALMA_FOLDER = join(REPOSITORY, "packages", "alma", "dist", "qwen-auth")

/** A test with Alma and the built plugin. The plugin's requests reach the simulator under the real host names. */
export const it = test.extend<{
  $file: { simulatorOfFile: SimulatorProcess }
  $test: { simulator: Simulator; alma: AlmaHost; start: (options?: HostOptions) => Promise<AlmaHost> }
}>({
  simulatorOfFile: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
    async ({}, use) => {
      const simulator = await startSimulator()
      await use(simulator)
      simulator.stop()
    },
    { scope: "file" },
  ],
  simulator: async ({ simulatorOfFile }, use) => {
    const simulator = await simulatorOfFile.forNextTest()
    await simulator.control("scenario", { deviceCode: { intervalS: 1 } })
    await use(simulator)
  },
  start: async ({ simulator }, use) => {
    const started: AlmaHost[] = []
    await use(async (options = {}) => {
      const host = await loadPlugin(ALMA_FOLDER, { ...throughSimulator(simulator.origin), ...options })
      started.push(host)
      return host
    })
    for (const host of started.reverse()) await host.close()
  },
  alma: async ({ start }, use) => use(await start()),
})

const ACCOUNT = "Qwen account (OAuth)"
const KEY = "Model Studio API key"

/** The user code in the URL that the plugin opens. */
export function userCodeIn(url: string): string {
  return new URL(url).searchParams.get("user_code") ?? ""
}

/** Waits for the next URL that Alma opens. */
export function opened(alma: AlmaHost): Promise<string> {
  return new Promise((resolve) => {
    alma.user.onOpen = resolve
  })
}

/** Signs in with a Qwen account. The user presses `button` on the approval page. */
export async function signInWithAccount(
  alma: AlmaHost,
  simulator: Simulator,
  button: "approve" | "deny" = "approve",
): Promise<unknown> {
  alma.user.picks(ACCOUNT)
  const page = opened(alma)
  const login = alma.run("qwen-auth.login")
  await simulator.press(button, userCodeIn(await page))
  return login
}

/** Signs in with an API key. @param endpoint the label of the choice in the dialog */
export async function signInWithKey(alma: AlmaHost, key: string, endpoint = "Detect automatically"): Promise<unknown> {
  alma.user.picks(KEY, endpoint)
  alma.user.types(key)
  return alma.run("qwen-auth.login")
}
