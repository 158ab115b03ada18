import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { authorizationServer, type OAuthCredential, startDeviceSignIn, systemWorld } from "qwen-auth-core"
import * as v from "valibot"
import { test } from "vitest"
import { type Simulator, startSimulator } from "../shared/simulator-process.ts"
import { BUILT_PLUGIN } from "./opencode.ts"
import { findOpenCodeBinary } from "./opencode-binary.ts"
import { createThrowawayHome, type ThrowawayHome } from "./throwaway-home.ts"

const found = findOpenCodeBinary()

/** Why tests in the real OpenCode cannot run here, if so. */
export const opencodeMissing = "missing" in found ? found.missing : undefined

/** The real OpenCode's program; only to be used where {@link opencodeMissing} is undefined. */
export const opencodeBinary = "path" in found ? found.path : ""

/** A test with a simulator and a throw-away home of its own; sign-ins are polled every second. */
export const it = test.extend<{ simulator: Simulator; home: ThrowawayHome }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  simulator: async ({}, use) => {
    const simulator = await startSimulator()
    await simulator.control("scenario", { deviceCode: { intervalS: 1 } })
    await use(simulator)
    simulator.stop()
  },
  home: async ({ simulator }, use) => {
    const home = await createThrowawayHome({ plugin: BUILT_PLUGIN, env: simulator.env })
    await use(home)
    await home.remove()
  },
})

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

/** OpenCode's own record of the sign-in; undefined when there is none. */
export async function readAuthEntry(home: ThrowawayHome): Promise<v.InferOutput<typeof Entry> | undefined> {
  return v.parse(AuthFile, await readFile(home.authFile, "utf8")).alibaba
}

/** The plugin's stored sign-in. */
export async function readTokenFile(home: ThrowawayHome): Promise<v.InferOutput<typeof TokenFile>> {
  return v.parse(TokenFile, await readFile(home.tokenFile, "utf8"))
}

/** Puts a fresh sign-in into both stores, as `opencode auth login` does, without the wait for its screen. */
export async function signedIn(simulator: Simulator, home: ThrowawayHome): Promise<void> {
  await simulator.control("scenario", { deviceCode: { autoApprove: true } })
  const server = authorizationServer({ baseUrl: simulator.origin })
  await store(home, await (await startDeviceSignIn(systemWorld(), server)).wait())
}

/** Puts the end of the stored access token somewhere else, epoch ms, in both stores. */
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

/** Writes a JSON file as its owner alone may read it. */
export async function writePrivately(file: string, content: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(file, JSON.stringify(content, undefined, 2), { mode: 0o600 })
}
