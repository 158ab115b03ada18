import type { PluginInput } from "@opencode-ai/plugin"
import { type AuthorizationServer, authorizationServer, type Fetch, type Platform } from "qwen-auth-core"
import {
  CredentialManager,
  createQwenFetch,
  type PreparedBodies,
  type RequestCredentials,
} from "qwen-auth-core/internal"
import { keyCredentials } from "qwen-auth-local/api-key-credentials"
import type { AuthConfig } from "qwen-auth-local/auth-config"
import type { EnvironmentKey } from "qwen-auth-local/environment-key"
import type { KeyEndpointCache } from "qwen-auth-local/key-endpoint-cache"
import type { ModelLists } from "qwen-auth-local/model-list-cache"
import type { Settings } from "qwen-auth-local/settings"
import { type SignInStore, signInStore } from "qwen-auth-local/sign-in-store"
import type { StoredKey } from "qwen-auth-local/stored-key"
import type { HostAuthReader } from "./host/host-auth-reader.ts"
import { publishToHost } from "./host/host-record.ts"
import { hostRecordStore } from "./host/host-record-store.ts"
import { signInChangedError } from "./host/sign-in-changed.ts"
import { userMessage } from "./messages.ts"
import { withHostAgent } from "./requests/host-agent.ts"
import { hostVersion } from "./requests/host-version.ts"
import { userAgent } from "./user-agent.ts"

/** Options of {@link createServices}. */
export interface ServicesOptions {
  readonly platform: Platform
  readonly client: PluginInput["client"]
  readonly settings: Settings
  readonly config: () => Promise<AuthConfig>
  readonly host: HostAuthReader
  readonly bodies: PreparedBodies
  readonly environmentKey: EnvironmentKey | undefined
  readonly endpoints: KeyEndpointCache
  readonly lists: ModelLists
}

/** Services that requests and sign-ins share. */
export interface Services {
  readonly server: AuthorizationServer
  readonly signIn: SignInStore
  /** Used for requests. It picks up a new sign-in immediately. */
  readonly account: CredentialManager
  /**
   * Reads only the stored file and ignores OpenCode's record, so that an existing sign-in can be reused. Creates a new
   * manager for each call, because a manager caches its credential and the choice of the store may have changed.
   */
  readonly storedAccount: () => CredentialManager
  /** Send requests with the Qwen account, the key in OpenCode's record or the key in the environment. */
  readonly fetches: { readonly account: Fetch; readonly key: Fetch; readonly environment: Fetch }
}

/** Creates the services. No file is read before the first use. */
export function createServices(options: ServicesOptions): Services {
  const { platform, settings, host } = options
  const agent = userAgent(process.platform, process.arch)
  const server = authorizationServer({ ...settings.authorizationServer, userAgent: agent })
  const signIn = signInStore(platform, settings, options.config)
  const account = new CredentialManager({
    platform,
    server,
    store: hostRecordStore(signIn.store, () => host.record(), platform.log),
    publish: async (credential, replaced) =>
      publishToHost(options.client, (await host.record()) ?? { kind: "none" }, credential, replaced),
  })
  const storedAccount = () => new CredentialManager({ platform, server, store: signIn.store })
  const { apiBaseUrl } = settings
  const fetchWith = (credentials: RequestCredentials) =>
    createQwenFetch({
      platform,
      credentials,
      bodies: options.bodies,
      userAgent: agent,
      apiBaseUrl,
      formatError: userMessage,
    })
  const { endpoints, lists } = options
  const version = hostVersion(options.client)
  const withKey = (stored: () => Promise<StoredKey>, describeError?: EnvironmentKey["describeError"]) =>
    withHostAgent(
      fetchWith(
        keyCredentials({
          platform,
          endpoints,
          lists,
          stored,
          ...(describeError === undefined ? {} : { describeError }),
        }),
      ),
      version,
    )
  return {
    server,
    signIn,
    account,
    storedAccount,
    fetches: {
      account: fetchWith(account),
      key: withKey(() => recordedKey(host)),
      environment: withKey(() => environmentKey(options), options.environmentKey?.describeError),
    },
  }
}

async function recordedKey(host: HostAuthReader): Promise<StoredKey> {
  const record = (await host.record()) ?? { kind: "none" }
  if (record.kind !== "key") throw signInChangedError(record)
  return record.key
}

async function environmentKey({ environmentKey }: ServicesOptions): Promise<StoredKey> {
  if (environmentKey === undefined) throw signInChangedError({ kind: "none" })
  return environmentKey.stored()
}
