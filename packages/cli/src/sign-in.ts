import { type AuthorizationServer, type Fetch, QwenAuthError } from "qwen-auth-core"
import type { CredentialManager, RequestCredentials } from "qwen-auth-core/internal"
import { keyCredentials } from "qwen-auth-local/api-key-credentials"
import { type KeyCaches, keyCaches } from "qwen-auth-local/key-caches"
import { createLocalServices, type LocalServices } from "qwen-auth-local/services"
import { version } from "../package.json" with { type: "json" }
import type { Values } from "./commands/command.ts"
import { userMessage } from "./messages.ts"
import { openStoredSignIn, type StoredSignIn } from "./stored-sign-in.ts"
import type { World } from "./world.ts"

/** The sign-in of this computer with all that sends requests. It shares files and locks with OpenCode's plugin. */
export interface ComputerSignIn extends StoredSignIn {
  readonly caches: KeyCaches
  readonly server: AuthorizationServer
  readonly verifyAccount: LocalServices["verifyAccount"]
  /** The stored account or key. It is refreshed under the lock that all processes share. */
  readonly manager: CredentialManager
  /** The credentials of requests: the stored sign-in, else the key in the environment. */
  readonly credentials: RequestCredentials
  /** Sends requests with these credentials and explains errors in its responses. */
  readonly fetch: Fetch
  /** The `User-Agent` of requests with a Qwen account. */
  readonly userAgent: string
}

/**
 * Opens the sign-in of this computer. No file is read before the first use.
 * @param stored the stored sign-in, if it is open already
 * @throws QwenAuthError `invalid_endpoint`: a variable has an address that cannot be used
 */
export function openSignIn(world: World, values: Values, stored = openStoredSignIn(world, values)): ComputerSignIn {
  const { platform, settings, config, environment, chosen } = stored
  const caches = keyCaches(settings, platform)
  const userAgent = `qwen-auth/${version} (${world.system}; ${world.arch})`
  const services = createLocalServices({ platform, settings, config, userAgent, formatError: userMessage })
  const manager = services.accountManager({ store: chosen.store })
  const environmentCredentials =
    environment &&
    keyCredentials({ platform, ...caches, stored: environment.stored, describeError: environment.describeError })
  const credentials = storedFirst(manager, environmentCredentials)
  const { server, verifyAccount } = services
  return {
    ...stored,
    caches,
    server,
    verifyAccount,
    manager,
    credentials,
    fetch: services.fetchWith(credentials),
    userAgent,
  }
}

/** The stored sign-in takes precedence, as in OpenCode's plugin. The key in the environment is used without one. */
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
