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

/** What the workshop is made of. */
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

/** What requests and sign-ins share: the credential and those who manage it. */
export interface Services {
  readonly server: AuthorizationServer
  readonly signIn: SignInStore
  /** Of the requests: a new sign-in is theirs at once. */
  readonly account: CredentialManager
  /**
   * Of the stored sign-in alone, whatever OpenCode's record says: a sign-in can begin with what is there. Made anew each time,
   * because a manager remembers for a while what it read, and the choice of the store may have changed.
   */
  readonly storedAccount: () => CredentialManager
  /** The request with a Qwen account, with the key in OpenCode's record, with the key in the environment. */
  readonly fetches: { readonly account: Fetch; readonly key: Fetch; readonly environment: Fetch }
}

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
  const starter = () => new CredentialManager({ platform, server, store: signIn.store })
  const { apiBaseUrl } = settings
  const through = (credentials: RequestCredentials) =>
    createQwenFetch({
      platform,
      credentials,
      bodies: options.bodies,
      userAgent: agent,
      apiBaseUrl,
      formatError: userMessage,
    })
  const { endpoints: places, lists } = options
  const version = hostVersion(options.client)
  const withKey = (stored: () => Promise<StoredKey>, told?: EnvironmentKey["describeError"]) =>
    withHostAgent(
      through(
        keyCredentials({
          platform,
          endpoints: places,
          lists,
          stored,
          ...(told === undefined ? {} : { describeError: told }),
        }),
      ),
      version,
    )
  return {
    server,
    signIn,
    account,
    storedAccount: starter,
    fetches: {
      account: through(account),
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
