import {
  type AuthorizationServer,
  authorizationServer,
  type Fetch,
  type OAuthCredential,
  type Platform,
  type QwenAuthError,
} from "qwen-auth-core"
import {
  CredentialManager,
  type CredentialManagerOptions,
  createQwenFetch,
  type PreparedBodies,
  type RequestCredentials,
  verifyAccount,
} from "qwen-auth-core/internal"
import { type AuthConfig, readAuthConfig } from "./auth-config.ts"
import { booleanOption } from "./boolean-option.ts"
import { memoized } from "./memoized.ts"
import { qwenMode } from "./qwen-mode.ts"
import type { Settings } from "./settings.ts"
import { type SignInStore, signInStore } from "./sign-in-store.ts"

/** Options of {@link createLocalServices}. */
export interface LocalServicesOptions {
  readonly platform: Platform
  readonly settings: Settings
  /** Reads `auth-config.json`. Default: reads it at the first use. */
  readonly config?: () => Promise<AuthConfig>
  /** `<package>/<version> (<platform>; <arch>)`: the `User-Agent` of requests with a Qwen account. */
  readonly userAgent: string
  /** Creates the error message for the user. */
  readonly formatError: (error: QwenAuthError) => string
  readonly bodies?: PreparedBodies
}

/** The account and the keys of this computer, as every host uses them. */
export interface LocalServices {
  readonly server: AuthorizationServer
  readonly signIn: SignInStore
  /**
   * Creates a manager of the account. It caches the credential.
   * @param host the host's own copy of the account, if it keeps one. Default: the stored file alone
   */
  accountManager(host?: Pick<CredentialManagerOptions, "store" | "publish">): CredentialManager
  /**
   * Checks a new sign-in with one request, unless the user switched that off (`verifySignIn`).
   * @throws QwenAuthError `free_tier_ended`, `aborted`
   */
  verifyAccount(credential: OAuthCredential, signal?: AbortSignal): Promise<void>
  /**
   * Creates a fetch that sends requests with these credentials.
   * @param network what the requests go out through. Default: the platform's fetch
   */
  fetchWith(credentials: RequestCredentials, network?: Platform["fetch"]): Fetch
  /** Returns whether the user wants the tool name prompt (`qwenMode`). */
  toolNamesEnabled(): Promise<boolean>
}

/** Creates the services. No file is read before the first use. */
export function createLocalServices(options: LocalServicesOptions): LocalServices {
  const { platform, settings, userAgent, formatError, bodies } = options
  const { oauthBaseUrl, apiBaseUrl } = settings
  const server = authorizationServer({ baseUrl: oauthBaseUrl, userAgent })
  const config = options.config ?? memoized(() => readAuthConfig(settings.authConfigFile, platform.log))
  const signIn = signInStore(platform, settings, config)
  const option = (name: "promptCache" | "verifySignIn") =>
    memoized(async () => booleanOption(name, settings[name], (await config())[name], platform.log) ?? true)
  const promptCache = option("promptCache")
  const verifySignIn = option("verifySignIn")
  return {
    server,
    signIn,
    accountManager: (host = { store: signIn.store }) => new CredentialManager({ platform, server, ...host }),
    async verifyAccount(credential, signal) {
      if (await verifySignIn()) await verifyAccount(credential, { platform, userAgent, apiBaseUrl, signal })
    },
    fetchWith: (credentials, network = platform.fetch) =>
      createQwenFetch({
        platform: { ...platform, fetch: network },
        credentials,
        userAgent,
        apiBaseUrl,
        promptCache,
        formatError,
        bodies,
      }),
    toolNamesEnabled: memoized(async () => qwenMode(settings, (await config()).qwenMode, platform.log)),
  }
}
