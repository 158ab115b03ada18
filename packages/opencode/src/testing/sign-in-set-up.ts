import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type OAuthCredential, PreparedBodies } from "qwen-auth-core"
import { formatCredentialJson } from "../../../core/src/credentials/credential-json.ts"
import { type FakeWorldOptions, fakeWorld } from "../../../core/src/testing/fake-world.ts"
import { environmentKey } from "../credentials/environment-key.ts"
import { HostLink } from "../credentials/host-link.ts"
import { memoized } from "../memoized.ts"
import { readAuthConfig } from "../settings/auth-config.ts"
import type { SignInOptions } from "../sign-in/methods.ts"
import { OneAtATime } from "../sign-in/one-at-a-time.ts"
import { createWorkshop } from "../workshop.ts"
import { fakeHost } from "./fake-host.ts"
import { memoryLists, memoryPlaces } from "./memory-caches.ts"
import { settingsIn } from "./settings-in.ts"

interface SignInSetUp extends FakeWorldOptions {
  /** The plugin's options. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
}

/** The plugin's sign-ins and requests, complete, in a home folder of the test's and a world of its own. */
export function signInSetUp(home: string, { options = {}, environment = {}, ...rest }: SignInSetUp = {}) {
  const world = fakeWorld(rest)
  const settings = settingsIn(home, options)
  const host = new HostLink(world)
  const { client, calls } = fakeHost()
  const lists = memoryLists()
  const places = memoryPlaces()
  const attempts = new OneAtATime()
  const bodies = new PreparedBodies(world)
  const workshop = memoized(async () =>
    createWorkshop({
      world,
      client,
      settings,
      config: memoized(() => readAuthConfig(settings.authConfigFile, world.log)),
      host,
      bodies,
      environmentKey: environmentKey(environment),
      places,
      lists,
    }),
  )
  const shown: string[] = []
  const signIn: SignInOptions = { world, settings, workshop, lists, attempts, tell: (message) => shown.push(message) }
  return { world, settings, host, client, calls, lists, places, attempts, bodies, workshop, signIn, shown }
}

/** Where Qwen Code has its sign-in. */
export const qwenCodeFileIn = (home: string) => join(home, ".qwen", "oauth_creds.json")

/** Puts a sign-in where a program left it. */
export async function leaveSignIn(path: string, credential: OAuthCredential): Promise<void> {
  await leaveFile(path, formatCredentialJson(credential))
}

/** Puts a file where a person or a program left it. */
export async function leaveFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, text, { mode: 0o600 })
}
