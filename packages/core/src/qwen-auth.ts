import { createQwenFetch, type Fetch } from "./api/qwen-fetch.ts"
import { verifyAccount } from "./api/verify-account.ts"
import type { Credential } from "./credentials/credential.ts"
import { CredentialManager } from "./credentials/credential-manager.ts"
import type { CredentialStore } from "./credentials/credential-store.ts"
import { startDeviceSignIn } from "./credentials/device-sign-in.ts"
import type { QwenAuthError } from "./errors.ts"
import { DEFAULT_API_BASE_URL } from "./http/api-url.ts"
import type { KeyHint } from "./model-studio/key-endpoints.ts"
import { resolveKeyEndpoint } from "./model-studio/resolve-key-endpoint.ts"
import { type AuthorizationServer, authorizationServer } from "./oauth/authorization-server.ts"
import type { DeviceAuthorization } from "./oauth/device-authorization.ts"
import { nodePlatform, type Platform } from "./platform.ts"

/** Options of {@link createQwenAuth}. */
export interface QwenAuthOptions {
  /** Where the credential is kept, for example `credentialFile("/home/me/.my-app/qwen.json")`. */
  readonly store: CredentialStore
  /** `<program>/<version>`, sent with requests for a Qwen account and with the check of an API key. */
  readonly userAgent: string
  /** Default: Qwen's own authorization server. */
  readonly server?: AuthorizationServer | undefined
  /** The API address for a Qwen account: https, or http on loopback. Default: the host that the token names. */
  readonly apiBaseUrl?: string | undefined
  /**
   * Whether a sign-in with an account ends with one minimal request, so that an account without a quota is refused
   * immediately (`free_tier_ended`) and not stored. Default: true.
   */
  readonly verifySignIn?: boolean | undefined
  /** Whether requests with an API key are marked for the prompt cache, as the official client does. Default: true. */
  readonly promptCache?: boolean | undefined
  /** Formats the message of an error response. Default: {@link QwenAuthError.sentence}. */
  readonly formatError?: ((error: QwenAuthError) => string) | undefined
  readonly platform?: Platform | undefined
}

/** A sign-in with a Qwen account, by the Device Authorization Grant (RFC 8628). */
export interface AccountSignIn {
  /** Called to show the user the address and the code. */
  readonly onVerification: (authorization: DeviceAuthorization) => void | Promise<void>
  readonly signal?: AbortSignal | undefined
}

/** A sign-in with an API key. */
export interface ApiKeySignIn {
  readonly apiKey: string
  /** What the user knows about the key's plan, region or endpoint. The rest is detected. */
  readonly hint?: KeyHint | undefined
  readonly signal?: AbortSignal | undefined
}

/** One sign-in to Qwen: the account or API key in one store. */
export interface QwenAuth {
  /**
   * Signs in and stores the credential in place of the previous one.
   * @throws QwenAuthError `device_authorization_failed`, `device_code_expired`, `authorization_denied`, `sign_in_failed`,
   *   `free_tier_ended`, `api_key_malformed`, `api_key_rejected`, `api_key_wrong_plan`, `api_key_undetermined`,
   *   `service_unreachable`, `credential_not_stored`, `aborted`
   */
  signIn(options: AccountSignIn | ApiKeySignIn): Promise<Credential>
  /** A fetch that sends the credential to Qwen's API and to no other host. Its error responses explain the error. */
  readonly fetch: Fetch
  /** The base URL for an OpenAI-compatible client. The fetch replaces it with the endpoint of the credential. */
  readonly baseURL: string
  /**
   * Returns a valid credential, which is refreshed when it expires soon.
   * @throws QwenAuthError `authentication_required`, `credential_unusable`, `token_refresh_failed`,
   *   `token_refresh_unavailable`, `aborted`
   */
  getCredential(options?: { readonly signal?: AbortSignal | undefined }): Promise<Credential>
  /** Removes the stored credential. @throws QwenAuthError `credential_not_stored`, `credential_locked` */
  signOut(): Promise<void>
}

/**
 * Signs in to Qwen and makes authenticated requests.
 *
 * @example
 * const qwen = createQwenAuth({ store: credentialFile("/home/me/.my-app/qwen.json"), userAgent: "my-app/1.0.0" })
 * await qwen.signIn({ onVerification: ({ verificationUriComplete, userCode }) => show(verificationUriComplete, userCode) })
 * const client = new OpenAI({ baseURL: qwen.baseURL, apiKey: "none", fetch: qwen.fetch })
 */
export function createQwenAuth(options: QwenAuthOptions): QwenAuth {
  const { store, userAgent, apiBaseUrl, formatError, platform = nodePlatform() } = options
  const { verifySignIn = true, promptCache = true } = options
  const server = options.server ?? authorizationServer({ userAgent })
  const credentials = new CredentialManager({ platform, server, store })
  return {
    async signIn(how) {
      const credential =
        "apiKey" in how
          ? (await resolveKeyEndpoint({ ...how, userAgent, platform })).credential
          : await authorizeDevice(how, server, platform)
      if (verifySignIn && credential.type === "oauth") {
        await verifyAccount(credential, { platform, userAgent, apiBaseUrl, signal: how.signal })
      }
      await credentials.setCredential(credential)
      return credential
    },
    fetch: createQwenFetch({
      platform,
      credentials,
      userAgent,
      apiBaseUrl,
      formatError,
      promptCache: async () => promptCache,
    }),
    baseURL: DEFAULT_API_BASE_URL,
    getCredential: (request) => credentials.getCredential(request),
    signOut: () => credentials.clear(),
  }
}

async function authorizeDevice(
  { onVerification, signal }: AccountSignIn,
  server: AuthorizationServer,
  platform: Platform,
): Promise<Credential> {
  const signIn = await startDeviceSignIn({ server, signal, platform })
  await onVerification(signIn.authorization)
  return signIn.wait(signal)
}
