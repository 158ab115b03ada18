import type { Credential, OAuthCredential } from "../credentials/credential.ts"
import type { CredentialManager } from "../credentials/credential-manager.ts"
import type { QwenAuthError } from "../errors.ts"
import type { Platform } from "../platform.ts"
import type { IncomingRequest } from "./incoming-request.ts"
import type { PreparedBodies, ReadBody } from "./prepared-bodies.ts"
import type { Route } from "./route.ts"

/** Provides the credential of a request: a {@link CredentialManager}, or an API key from elsewhere. */
export interface RequestCredentials {
  /** Returns the credential to use now. */
  getCredential(options: { signal?: AbortSignal | undefined }): Promise<Credential>
  /** Returns a credential to use instead of a rejected one. Called for OAuth credentials only. */
  refresh(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined }): Promise<Credential>
  /** Updates the clock skew from the headers of any response of the service. */
  syncClock: CredentialManager["syncClock"]
}

/** Options of `createQwenFetch`. */
export interface QwenFetchOptions {
  readonly platform: Platform
  readonly credentials: RequestCredentials
  /** `<package>/<version> (<platform>; <arch>)`: the `User-Agent` of requests with a Qwen account. */
  readonly userAgent: string
  /**
   * The configured API base URL for the Qwen account, checked with {@link secureUrl}. Default: the token's
   * `resource_url`.
   */
  readonly apiBaseUrl?: string | undefined
  /** Creates the error message for the user. Default: {@link QwenAuthError.sentence}. */
  readonly formatError?: ((error: QwenAuthError) => string) | undefined
  /**
   * Called at the end of each request with its credential (undefined if there was none) and the error that the caller
   * receives (undefined for a successful response).
   */
  readonly outcome?: ((credential: Credential | undefined, error: QwenAuthError | undefined) => void) | undefined
  /** Returns whether prompts are marked for the prompt cache on the routes of keys. Default: true. */
  readonly promptCache?: (() => Promise<boolean>) | undefined
  /** Applies the body rules before the host serialises a chat request. Without it, the fetch parses each body. */
  readonly bodies?: PreparedBodies | undefined
}

/** A request, and how it is sent and answered. */
export interface Exchange {
  readonly options: QwenFetchOptions
  readonly request: IncomingRequest
  readonly body: ReadBody
  /** Called at the end of a streamed answer. Undefined for other requests than chat. */
  readonly ended: ((usable: boolean) => void) | undefined
}

/** A response of the API, with the route and the credential of its request. */
export interface ApiResponse {
  readonly response: Response
  readonly route: Route
  readonly credential: Credential
}
