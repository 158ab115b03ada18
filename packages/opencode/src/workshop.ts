import type { PluginInput } from "@opencode-ai/plugin"
import {
  type AuthorizationServer,
  authorizationServer,
  CredentialManager,
  createQwenFetch,
  type Fetch,
  type PreparedBodies,
  type RequestCredentials,
  type World,
} from "qwen-auth-core"
import type { EnvironmentKey } from "./credentials/environment-key.ts"
import type { HostLink } from "./credentials/host-link.ts"
import { publishToHost, type StoredKey } from "./credentials/host-record.ts"
import { keyCredentials } from "./credentials/key-credentials.ts"
import type { KeyPlaces } from "./credentials/key-places.ts"
import { seededStore } from "./credentials/seeded-store.ts"
import { noLonger } from "./credentials/sign-in-changed.ts"
import { type SignInStore, signInStore } from "./credentials/sign-in-store.ts"
import type { ModelLists } from "./models/model-lists.ts"
import { withHostAgent } from "./requests/host-agent.ts"
import { hostVersion } from "./requests/host-version.ts"
import type { AuthConfig } from "./settings/auth-config.ts"
import type { Settings } from "./settings/settings.ts"
import { userAgent } from "./user-agent.ts"
import { words } from "./words.ts"

/** What the workshop is made of. */
export interface WorkshopOptions {
  readonly world: World
  readonly client: PluginInput["client"]
  readonly settings: Settings
  readonly config: () => Promise<AuthConfig>
  readonly host: HostLink
  readonly bodies: PreparedBodies
  readonly environmentKey: EnvironmentKey | undefined
  readonly places: KeyPlaces
  readonly lists: ModelLists
}

/** What requests and sign-ins share: the credential and those who manage it. */
export interface Workshop {
  readonly server: AuthorizationServer
  readonly signIn: SignInStore
  /** Of the requests: a new sign-in is theirs at once. */
  readonly account: CredentialManager
  /**
   * Of the stored sign-in alone, whatever OpenCode's record says: a sign-in can begin with what is there. Made anew each time,
   * because a manager remembers for a while what it read, and the choice of the store may have changed.
   */
  readonly starter: () => CredentialManager
  /** The request with a Qwen account, with the key in OpenCode's record, with the key in the environment. */
  readonly fetches: { readonly account: Fetch; readonly key: Fetch; readonly environment: Fetch }
}

export function createWorkshop(options: WorkshopOptions): Workshop {
  const { world, settings, host } = options
  const agent = userAgent(process.platform, process.arch)
  const server = authorizationServer({ ...settings.authorizationServer, userAgent: agent })
  const signIn = signInStore(world, settings, options.config)
  // Asked when a refresh was refused: by then the store is chosen.
  const refusalGraceMs = () => signIn.refusalGraceMs()
  const account = new CredentialManager({
    world,
    server,
    refusalGraceMs,
    store: seededStore(signIn.store, () => host.record(), world.log),
    publish: async (credential, replaced) =>
      publishToHost(options.client, (await host.record()) ?? { kind: "none" }, credential, replaced),
  })
  const starter = () => new CredentialManager({ world, server, refusalGraceMs, store: signIn.store })
  const { apiBaseUrl } = settings
  const through = (credentials: RequestCredentials) =>
    createQwenFetch({ world, credentials, bodies: options.bodies, userAgent: agent, apiBaseUrl, words })
  const { places, lists } = options
  const version = hostVersion(options.client)
  const withKey = (stored: () => Promise<StoredKey>, told?: EnvironmentKey["told"]) =>
    withHostAgent(
      through(keyCredentials({ world, places, lists, stored, ...(told === undefined ? {} : { told }) })),
      version,
    )
  return {
    server,
    signIn,
    account,
    starter,
    fetches: {
      account: through(account),
      key: withKey(() => recordedKey(host)),
      environment: withKey(() => environmentKey(options), options.environmentKey?.told),
    },
  }
}

async function recordedKey(host: HostLink): Promise<StoredKey> {
  const record = (await host.record()) ?? { kind: "none" }
  if (record.kind !== "key") throw noLonger(record)
  return record.key
}

async function environmentKey({ environmentKey }: WorkshopOptions): Promise<StoredKey> {
  if (environmentKey === undefined) throw noLonger({ kind: "none" })
  return environmentKey.stored()
}
