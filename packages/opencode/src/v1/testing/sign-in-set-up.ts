import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { OAuthCredential } from "qwen-auth-core"
import { formatStoredCredential, PreparedBodies } from "qwen-auth-core/internal"
import { environmentKey } from "qwen-auth-local/environment-key"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { memoryEndpoints, memoryLists } from "qwen-auth-testing/memory-caches"
import { LatestAttempt } from "../../shared/latest-attempt.ts"
import { hostRecordReader, type LoadedSignIn } from "../host/host-record-reader.ts"
import { createServices } from "../services.ts"
import type { MethodOptions, SignInOptions } from "../sign-in/method.ts"
import { signIns } from "../sign-in/sign-ins.ts"
import { fakeHost } from "./fake-host.ts"
import { settingsIn } from "./settings-in.ts"

interface SignInSetUp extends FakePlatformOptions {
  /** The plugin's options. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
}

/** Creates the plugin's sign-ins and requests in a home folder of the test and on a fake platform. */
export function signInSetUp(home: string, { options = {}, environment = {}, ...rest }: SignInSetUp = {}) {
  const platform = fakePlatform(rest)
  const settings = settingsIn(home, options)
  const loaded: LoadedSignIn = {}
  const { client, calls } = fakeHost()
  const lists = memoryLists()
  const endpoints = memoryEndpoints()
  const attempts = new LatestAttempt()
  const bodies = new PreparedBodies(platform)
  const services = createServices({
    platform,
    client,
    settings,
    readHostRecord: hostRecordReader(platform, loaded),
    bodies,
    environmentKey: environmentKey(environment, platform.log),
    caches: { endpoints, lists },
  })
  const shown: string[] = []
  const signIn: SignInOptions = {
    platform,
    settings,
    services,
    lists,
    attempts,
    notifyFailure: (message) => shown.push(message),
  }
  const methods: MethodOptions = {
    paths: settings,
    credentials: settings.credentials,
    signIns: async () => signIns(signIn),
  }
  return {
    platform,
    settings,
    loaded,
    client,
    calls,
    lists,
    endpoints,
    attempts,
    bodies,
    services,
    signIn,
    methods,
    shown,
  }
}

/** Returns the path of Qwen Code's sign-in. */
export const qwenCodeFileIn = (home: string) => join(home, ".qwen", "oauth_creds.json")

/** Writes a sign-in as a program would have stored it. */
export async function leaveSignIn(path: string, credential: OAuthCredential): Promise<void> {
  await leaveFile(path, formatStoredCredential(credential))
}

/** Writes a file as a user or a program would have left it. */
export async function leaveFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, text, { mode: 0o600 })
}
