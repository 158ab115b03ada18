import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { OAuthCredential } from "qwen-auth-core"
import * as v from "valibot"
import { testWithSimulator } from "../shared/simulator-fixture.ts"
import { type Simulator, type SimulatorProcess, startSimulator } from "../shared/simulator-process.ts"
import { newCredential } from "../shared/stored-sign-in.ts"
import { BUILT_PLUGIN } from "./opencode.ts"
import { type RunningOpenCode, withRunningOpenCode } from "./running-opencode.ts"
import { createThrowawayHome, type ThrowawayHome } from "./throwaway-home.ts"

/** The values that the tests of a file share, and those of each test. */
interface Fixtures {
  $file: {
    runningOpenCode: RunningOpenCode
    /** Signed in with a Qwen account. A test must leave it with a valid sign-in. */
    signedInOpenCode: RunningOpenCode
  }
  $test: {
    home: ThrowawayHome
    /** Signed out and without files of other tests. It loads the plugin at the next request, so a test can store files before. */
    opencode: RunningOpenCode
  }
}

/**
 * Creates a test function with its own throw-away home, a simulator, and an OpenCode that runs for all tests of the file.
 * @param start starts the simulator
 * @param environment the variables that lead a program to the simulator
 * @param issuer the base URL for sign-ins whose tokens are valid in that environment
 */
export function testWith(
  start: () => Promise<SimulatorProcess>,
  environment: (simulator: Simulator) => Readonly<Record<string, string>>,
  issuer = (origin: string) => origin,
) {
  const newHome = (simulator: Simulator) =>
    createThrowawayHome({ plugin: BUILT_PLUGIN, env: { ...environment(simulator) } })
  return testWithSimulator(start).extend<Fixtures>({
    runningOpenCode: [
      async ({ simulatorOfFile }, use) => withRunningOpenCode(await newHome(simulatorOfFile), use),
      { scope: "file" },
    ],
    signedInOpenCode: [
      async ({ simulatorOfFile }, use) => {
        const home = await newHome(simulatorOfFile)
        await signedIn({ ...simulatorOfFile, origin: issuer(simulatorOfFile.origin) }, home)
        await withRunningOpenCode(home, use)
      },
      { scope: "file" },
    ],
    opencode: async ({ runningOpenCode }, use) => {
      // This also ends the plugin's running work of the previous test.
      await runningOpenCode.reload()
      const { authFile, tokenFile, root } = runningOpenCode.home
      const at = (...path: string[]) => join(root, "home", ...path)
      const stored = [authFile, dirname(tokenFile), at(".opencode", "cache"), at(".qwen")]
      await Promise.all(stored.map((path) => rm(path, { recursive: true, force: true })))
      await use(runningOpenCode)
    },
    home: async ({ simulatorOfFile }, use) => {
      const home = await newHome(simulatorOfFile)
      await use(home)
      await home.remove()
    },
  })
}

/** A test in which OpenCode finds the simulator through the environment variables for Qwen's base URLs. */
export const it = testWith(startSimulator, ({ env }) => env)

const Entry = v.object({
  type: v.literal("oauth"),
  access: v.string(),
  refresh: v.string(),
  expires: v.number(),
  enterpriseUrl: v.optional(v.string()),
})
const AuthFile = v.pipe(v.string(), v.parseJson(), v.looseObject({ alibaba: v.optional(Entry) }))
const TokenFile = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    access_token: v.string(),
    refresh_token: v.string(),
    token_type: v.string(),
    resource_url: v.optional(v.string()),
    expiry_date: v.number(),
  }),
)

/** OpenCode's own record of the sign-in; `undefined` without one. */
export async function readAuthEntry(home: ThrowawayHome): Promise<v.InferOutput<typeof Entry> | undefined> {
  return v.parse(AuthFile, await readFile(home.authFile, "utf8")).alibaba
}

/** The plugin's stored sign-in. */
export async function readTokenFile(home: ThrowawayHome): Promise<v.InferOutput<typeof TokenFile>> {
  return v.parse(TokenFile, await readFile(home.tokenFile, "utf8"))
}

/** Writes a new sign-in into both stores, as `opencode auth login` does, but without its user interface. */
export async function signedIn(simulator: Pick<Simulator, "origin" | "control">, home: ThrowawayHome): Promise<void> {
  await simulator.control("scenario", { deviceCode: { autoApprove: true } })
  await store(home, await newCredential(simulator))
}

/** Changes the expiry of the stored access token in both stores. @param expiresAt epoch ms */
export async function moveExpiry(home: ThrowawayHome, expiresAt: number): Promise<void> {
  const { access_token, refresh_token, resource_url } = await readTokenFile(home)
  await store(home, {
    type: "oauth",
    accessToken: access_token,
    refreshToken: refresh_token,
    resourceUrl: resource_url,
    expiresAt,
  })
}

async function store(home: ThrowawayHome, credential: OAuthCredential): Promise<void> {
  const { accessToken: access, refreshToken: refresh, expiresAt: expires, resourceUrl } = credential
  await writePrivately(home.tokenFile, {
    access_token: access,
    refresh_token: refresh,
    token_type: "Bearer",
    resource_url: resourceUrl,
    expiry_date: expires,
  })
  await writePrivately(home.authFile, {
    alibaba: { type: "oauth", refresh, access, expires, enterpriseUrl: resourceUrl },
  })
}

/** Writes a JSON file that only its owner can read. */
export async function writePrivately(file: string, content: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(file, JSON.stringify(content, undefined, 2), { mode: 0o600 })
}
