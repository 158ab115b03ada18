import type { Credential, CredentialStore } from "qwen-auth-core"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import type { ExistingSignIn } from "qwen-auth-local/existing-sign-ins"
import type { StoredKey } from "qwen-auth-local/stored-key"
import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { memoryStore } from "qwen-auth-testing/memory-store"
import { SERVER } from "qwen-auth-testing/samples"
import type { AlmaStorage } from "../host.ts"
import { almaFetch } from "../provider/alma-fetch.ts"
import { storedLists } from "../provider/live-lists.ts"
import { pluginSettings } from "../settings.ts"
import { Login } from "../sign-in/login.ts"
import { secretStore } from "../storage/secret-store.ts"
import { SignIn } from "../storage/sign-in.ts"
import { memorySecrets } from "./memory-secrets.ts"
import { type TestAlmaOptions, testAlma } from "./test-alma.ts"

export interface SetUpOptions extends TestAlmaOptions, FakePlatformOptions {
  readonly stored?: Credential | string | undefined
  /** Replaces members of Alma's storage for data that is not secret. */
  readonly storage?: Partial<AlmaStorage>
  /** The API keys of other programs, by id. One that is `undefined` has been removed since it was found. */
  readonly foundKeys?: Readonly<Record<string, StoredKey | undefined>>
  /** The stores of the accounts on this computer. */
  readonly inPlace?: Partial<Record<CredentialsChoice, CredentialStore>>
}

/** The plugin's parts, connected to the test host's Alma and a fake platform. */
export function setUp(options: SetUpOptions = {}) {
  const alma = testAlma(options)
  const platform = fakePlatform(options)
  const settings = pluginSettings(alma.context.settings)
  const secrets = memorySecrets(options.stored)
  const { inPlace = {}, foundKeys = {} } = options
  const accounts = (["own", "qwen-code"] as const).filter((id) => inPlace[id] !== undefined)
  const files = {
    existing: (): readonly ExistingSignIn[] => [
      ...accounts.map((id) => ({ kind: "account", id, label: `Account of ${id}` }) as const),
      ...Object.keys(foundKeys).map((id) => ({ kind: "key", id, label: `Key of ${id}` }) as const),
    ],
    key: (id: string) => foundKeys[id],
    store: (choice: CredentialsChoice) => inPlace[choice] ?? memoryStore(),
  }
  const store = secretStore(platform, secrets, files)
  const signIn = new SignIn(platform, SERVER, store)
  const { ui, openInBrowser } = alma
  const login = new Login({ platform, ui, openInBrowser, server: SERVER, signIn, files, settings })
  const { local } = alma.context.storage
  const storage = { get: local.get, set: local.set, ...options.storage }
  const lists = storedLists(platform, storage)
  return {
    alma,
    ui,
    platform,
    settings,
    secrets,
    store,
    signIn,
    login,
    lists,
    fetch: almaFetch(platform, signIn, settings),
  }
}
