import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as v from "valibot"
import { expect, vi } from "vitest"
import { type Behaviour, PROFILES } from "../../../packages/alma/test-host/behaviour.ts"
import { type AlmaHost, type HostOptions, loadPlugin } from "../../../packages/alma/test-host/load-plugin.ts"
import { throughSimulator } from "../../../packages/alma/test-host/network.ts"
import { REPOSITORY } from "../shared/repository.ts"
import { noticeIn, userCodeIn } from "../shared/sign-in-address.ts"
import { testWithSimulator } from "../shared/simulator-fixture.ts"
import type { Simulator } from "../shared/simulator-process.ts"

/** The built plugin folder for Alma. */
export const ALMA_FOLDER = join(REPOSITORY, "packages", "alma", "dist", "qwen-auth")

interface Fixtures {
  /** The user's home folder, which is empty. */
  home: string
  alma: AlmaHost
  start: (options?: HostOptions) => Promise<AlmaHost>
}

const withSimulator = testWithSimulator()

/**
 * A test with Alma and the built plugin. The plugin's requests reach the simulator under the real host names.
 * @param behaviour how this Alma differs from the published one
 */
export function almaTest(behaviour: Partial<Behaviour>) {
  return withSimulator.extend<Fixtures>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
    home: async ({}, use) => {
      const home = await mkdtemp(join(tmpdir(), "alma-home-"))
      for (const name of ["HOME", "USERPROFILE"]) vi.stubEnv(name, home)
      vi.stubEnv("QWEN_HOME", undefined)
      await use(home)
      vi.unstubAllEnvs()
      await rm(home, { recursive: true, force: true })
    },
    start: async ({ simulator, home: _ }, use) => {
      const started: AlmaHost[] = []
      await use(async (options = {}) => {
        const host = await loadPlugin(ALMA_FOLDER, {
          ...throughSimulator(simulator.origin),
          ...options,
          behaviour: { ...behaviour, ...options.behaviour },
        })
        started.push(host)
        return host
      })
      for (const host of started.reverse()) await host.close()
    },
    alma: async ({ start }, use) => use(await start()),
  })
}

/** The two ways in which Alma is played, each with its tests. */
export const ALMA_PROFILES = Object.entries(PROFILES).map(([name, behaviour]) => ({
  name,
  behaviour,
  it: almaTest(behaviour),
}))

export const ACCOUNT = "Qwen account (OAuth)"
const CONSOLE = "Model Studio account (browser)"
const KEY = "Model Studio API key"

/** Waits for the address of a sign-in: in the browser, or as text when nothing opens it. */
export async function addressOf(alma: AlmaHost): Promise<string> {
  const before = alma.shown.length
  const addresses = () =>
    alma.shown.slice(before).flatMap((shown) => {
      if (shown.kind === "opened") return [shown.url]
      return "text" in shown ? (/https:\/\/\S+/.exec(shown.text) ?? []) : []
    })
  await expect.poll(() => addresses()[0]).toBeDefined()
  return addresses()[0] ?? ""
}

/** Cancels the sign-in that waits, by what this Alma has for it. */
export function cancelSignIn(alma: AlmaHost): void {
  try {
    alma.press("Cancel sign-in")
  } catch {
    alma.cancelProgress()
  }
}

/** A sign-in that waits for the user. */
interface StartedSignIn {
  /** The address that the user has to open. */
  readonly address: string
  /** The result of the sign-in. */
  readonly login: Promise<unknown>
}

/** Starts a sign-in with these choices in its dialogs, and waits for its address. */
export async function startSignIn(alma: AlmaHost, ...choices: readonly [string, ...string[]]): Promise<StartedSignIn> {
  alma.user.picks(...choices)
  const page = addressOf(alma)
  const login = alma.run("qwen-auth.login")
  return { address: await page, login }
}

/** Signs in with a Qwen account. The user presses `button` on the approval page. */
export async function signInWithAccount(
  alma: AlmaHost,
  simulator: Simulator,
  button: "approve" | "deny" = "approve",
): Promise<unknown> {
  const { address, login } = await startSignIn(alma, ACCOUNT)
  await simulator.press(button, userCodeIn(address))
  return login
}

/** Signs in with an API key. @param endpoint the label of the choice in the dialog */
export async function signInWithKey(alma: AlmaHost, key: string, endpoint = "Detect automatically"): Promise<unknown> {
  alma.user.picks(KEY, endpoint)
  alma.user.types(key)
  return alma.run("qwen-auth.login")
}

const ConsoleAddress = v.pipe(
  v.string(),
  v.regex(/^https:\/\/[^/]+\/console-login\?notice=127\.0\.0\.1:\d+\?state=[0-9a-f]{32}&needapikey=true$/),
)

/** Signs in through the console. The user allows it in the browser, whose page calls back to this computer. */
export async function signInThroughConsole(
  alma: AlmaHost,
  simulator: Simulator,
  site: "International" | "China" = "International",
): Promise<unknown> {
  const { address, login } = await startSignIn(alma, CONSOLE, site)
  const notice = noticeIn(v.parse(ConsoleAddress, address))
  await simulator.control("console-call", { notice, site: site.toLowerCase() })
  return login
}
