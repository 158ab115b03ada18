import type { ApiKeyCredential, Fetch, OAuthCredential, Platform } from "qwen-auth-core"
import { QwenAuthError } from "qwen-auth-core"
import type { CredentialManager, RequestCredentials } from "qwen-auth-core/internal"
import { keyCredentials } from "qwen-auth-local/api-key-credentials"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import { type EnvironmentKey, environmentKey } from "qwen-auth-local/environment-key"
import { type KeyCaches, keyCaches } from "qwen-auth-local/key-caches"
import { createLocalServices, type LocalServices } from "qwen-auth-local/services"
import { readSettings, type Settings } from "qwen-auth-local/settings"
import { platformWithLog } from "./log.ts"
import { userMessage } from "./messages.ts"
import { userAgent } from "./user-agent.ts"
import type { World } from "./world.ts"

/** The sign-in that requests use now. */
export type ActiveSignIn =
  | { readonly kind: "account"; readonly store: CredentialsChoice; readonly credential: OAuthCredential }
  | { readonly kind: "key"; readonly credential: ApiKeyCredential }
  | { readonly kind: "environment-key"; readonly key: EnvironmentKey }
  /** `problem`: why what is stored cannot be used. */
  | { readonly kind: "none"; readonly problem?: QwenAuthError }

/** The sign-in of this computer, as every command uses it. It is the one of OpenCode's plugin: same files, same locks. */
export interface ComputerSignIn {
  readonly platform: Platform
  readonly settings: Settings
  readonly services: LocalServices
  readonly caches: KeyCaches
  /** The stored account or key. It is refreshed under the lock that all processes share. */
  readonly manager: CredentialManager
  /** Returns which sign-in is used. Reads files only. */
  active(): Promise<ActiveSignIn>
  /** The credentials of requests: what is stored, else the key in the environment. */
  readonly credentials: RequestCredentials
  /** Sends requests with these credentials and explains errors in its responses. */
  readonly fetch: Fetch
  /** The `User-Agent` of requests with a Qwen account. */
  readonly userAgent: string
}

/**
 * Opens the sign-in of this computer. No file is read before the first use.
 * @throws QwenAuthError `invalid_endpoint`: a variable has an address that cannot be used
 */
export function openSignIn(world: World, { verbose = false } = {}): ComputerSignIn {
  const platform = platformWithLog(world, verbose)
  const read = readSettings(world.sources)
  if ("problem" in read) throw read.problem
  const { settings } = read
  const caches = keyCaches(settings, platform)
  const agent = userAgent(world.system, world.arch)
  const services = createLocalServices({
    platform,
    settings,
    userAgent: agent,
    formatError: userMessage,
  })
  const manager = services.accountManager()
  const environment = environmentKey(world.sources.environment, platform.log)
  const credentials = storedFirst(manager, environment && environmentCredentials(platform, caches, environment))
  return {
    platform,
    settings,
    services,
    caches,
    manager,
    active: () => activeSignIn(services, environment),
    credentials,
    fetch: services.fetchWith(credentials),
    userAgent: agent,
  }
}

async function activeSignIn({ signIn }: LocalServices, environment: EnvironmentKey | undefined): Promise<ActiveSignIn> {
  const { credential, problem } = await signIn.store.read()
  if (credential?.type === "api_key") return { kind: "key", credential }
  if (credential !== undefined) return { kind: "account", store: await signIn.choice(), credential }
  if (problem !== undefined) return { kind: "none", problem }
  if (environment === undefined) return { kind: "none" }
  try {
    await environment.stored()
    return { kind: "environment-key", key: environment }
  } catch (error) {
    if (!QwenAuthError.isInstance(error)) throw error
    return { kind: "none", problem: error }
  }
}

function environmentCredentials(platform: Platform, caches: KeyCaches, key: EnvironmentKey): RequestCredentials {
  return keyCredentials({ platform, ...caches, stored: key.stored, describeError: key.describeError })
}

/** What is stored counts, as in OpenCode's plugin. The key in the environment is used when nothing is. */
function storedFirst(manager: CredentialManager, other: RequestCredentials | undefined): RequestCredentials {
  if (other === undefined) return manager
  return {
    async getCredential(options) {
      try {
        return await manager.getCredential(options)
      } catch (error) {
        if (!QwenAuthError.isInstance(error) || error.code !== "authentication_required") throw error
        return other.getCredential(options)
      }
    },
    refresh: (rejected, options) => manager.refresh(rejected, options),
    syncClock: (headers) => manager.syncClock(headers),
  }
}
