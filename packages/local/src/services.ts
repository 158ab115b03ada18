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
import { type KeyCredentialsOptions, keyCredentials } from "./api-key-credentials.ts"
import type { AuthConfig } from "./auth-config.ts"
import { booleanOption } from "./boolean-option.ts"
import type { KeyCaches } from "./key-caches.ts"
import { memoized } from "./memoized.ts"
import type { Settings } from "./settings.ts"
import { type SignInStore, signInStore } from "./sign-in-store.ts"
import type { StoredKey } from "./stored-key.ts"

/** Options of {@link createLocalServices}. */
export interface LocalServicesOptions {
  readonly platform: Platform
  readonly settings: Settings
  /** Reads `auth-config.json`. */
  readonly config: () => Promise<AuthConfig>
  readonly caches: KeyCaches
  /** `<package>/<version> (<platform>; <arch>)`: the `User-Agent` of requests with a Qwen account. */
  readonly userAgent: string
  /** See {@link KeyCredentialsOptions.hostUserAgent}. */
  readonly hostUserAgent?: KeyCredentialsOptions["hostUserAgent"]
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
  /**
   * Creates a fetch that sends requests with a stored key.
   * @param describeError rewrites an error about the key for the user
   */
  keyFetch(stored: () => Promise<StoredKey>, describeError?: (error: unknown) => unknown): Fetch
}

/** Creates the services. No file is read before the first use. */
export function createLocalServices(options: LocalServicesOptions): LocalServices {
  const { platform, settings, userAgent, formatError, bodies } = options
  const server = authorizationServer({ ...settings.authorizationServer, userAgent })
  const signIn = signInStore(platform, settings, options.config)
  const { apiBaseUrl } = settings
  const option = (name: "promptCache" | "verifySignIn") =>
    memoized(async () => booleanOption(name, settings[name], (await options.config())[name], platform.log) ?? true)
  const promptCache = option("promptCache")
  const verifySignIn = option("verifySignIn")
  const fetchWith: LocalServices["fetchWith"] = (credentials, network = platform.fetch) =>
    createQwenFetch({
      platform: { ...platform, fetch: network },
      credentials,
      userAgent,
      apiBaseUrl,
      promptCache,
      formatError,
      bodies,
    })
  return {
    server,
    signIn,
    accountManager: (host = { store: signIn.store }) => new CredentialManager({ platform, server, ...host }),
    async verifyAccount(credential, signal) {
      if (await verifySignIn()) await verifyAccount(credential, { platform, userAgent, apiBaseUrl, signal })
    },
    fetchWith,
    keyFetch: (stored, describeError) =>
      fetchWith(
        keyCredentials({
          platform,
          ...options.caches,
          stored,
          ...(options.hostUserAgent === undefined ? {} : { hostUserAgent: options.hostUserAgent }),
          ...(describeError === undefined ? {} : { describeError }),
        }),
      ),
  }
}
