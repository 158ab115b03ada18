import type {
  AuthorizationServer,
  Credential,
  CredentialStore,
  OAuthCredential,
  Platform,
  QwenAuthError,
} from "qwen-auth-core"
import { CredentialManager, type RequestCredentials, secretOf } from "qwen-auth-core/internal"

/** What is known of the present sign-in. */
export interface SignInState {
  readonly credential?: Credential
  /** Why it does not work (any more); absent while it does. */
  readonly problem?: QwenAuthError
  /** When the account's token was renewed last, epoch ms. */
  readonly renewedAt?: number
  /** What the service refused last, and when, epoch ms. */
  readonly lastError?: { readonly error: QwenAuthError; readonly at: number }
}

/** How long a rate limit is shown after it was met, ms. */
const RATE_LIMIT_SHOWN_MS = 60_000

/** Whether the service's rate limit was met a moment ago. */
export function isRateLimited({ lastError }: SignInState, now: number): boolean {
  return lastError?.error.code === "rate_limited" && now - lastError.at < RATE_LIMIT_SHOWN_MS
}

/** The service's definite no to a sign-in: only another one helps. */
const FINAL: ReadonlySet<string> = new Set([
  "api_key_malformed",
  "api_key_rejected",
  "free_tier_ended",
  "session_expired",
  "token_refresh_failed",
])

/** What was learned of one sign-in; a new one begins with nothing. */
interface SessionFacts {
  /** The tokens and keys that were handed out, to know a late answer to a former sign-in. */
  readonly handedOut: Set<string>
  renewedAt?: number
  lastError?: NonNullable<SignInState["lastError"]>
  refused?: QwenAuthError
}

/** The one sign-in of the plugin, a Qwen account or an API key, and what is known of it. */
export class SignIn implements RequestCredentials {
  readonly #platform: Platform
  readonly #store: CredentialStore
  readonly #credentials: CredentialManager
  #facts: SessionFacts = { handedOut: new Set() }

  constructor(platform: Platform, server: AuthorizationServer, store: CredentialStore) {
    this.#platform = platform
    this.#store = store
    const publish = async () => {
      this.#facts.renewedAt = platform.now()
    }
    this.#credentials = new CredentialManager({ platform, server, store, publish })
  }

  /** The credential to use now. @throws QwenAuthError as {@link CredentialManager.getCredential} */
  getCredential(options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    return this.#handOut(() => this.#credentials.getCredential(options))
  }

  /** Another credential in place of a rejected token. @throws QwenAuthError as {@link CredentialManager.refresh} */
  refresh(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    return this.#handOut(() => this.#credentials.refresh(rejected, options))
  }

  syncClock(headers: Headers): void {
    this.#credentials.syncClock(headers)
  }

  /** Stores the credential of a new sign-in in place of the former one. @throws QwenAuthError `credential_not_stored` */
  async setCredential(credential: Credential): Promise<void> {
    await this.#replace(() => this.#credentials.setCredential(credential))
  }

  /** Removes the sign-in. @throws QwenAuthError `credential_not_stored` */
  async clear(): Promise<void> {
    await this.#replace(() => this.#credentials.clear())
  }

  /** Learns how a request ended. */
  outcome(credential: Credential | undefined, error: QwenAuthError | undefined): void {
    const facts = this.#facts
    // A late answer to a former sign-in says nothing of this one.
    if (credential !== undefined && !facts.handedOut.has(secretOf(credential))) return
    if (error === undefined) {
      delete facts.refused
      return
    }
    facts.lastError = { error, at: this.#platform.now() }
    if (FINAL.has(error.code)) facts.refused = error
  }

  /** What is known now. Never throws. */
  async state(): Promise<SignInState> {
    const { credential, problem } = await this.#store.read()
    const { refused, renewedAt, lastError } = this.#facts
    const why = problem ?? (credential === undefined ? undefined : refused)
    return {
      ...(credential === undefined ? {} : { credential }),
      ...(why === undefined ? {} : { problem: why }),
      ...(renewedAt === undefined ? {} : { renewedAt }),
      ...(lastError === undefined ? {} : { lastError }),
    }
  }

  async #handOut(get: () => Promise<Credential>): Promise<Credential> {
    const facts = this.#facts
    const credential = await get()
    facts.handedOut.add(secretOf(credential))
    return credential
  }

  /** Changes the sign-in. Facts about the former one do not count afterwards, nor do those that arrive meanwhile. */
  async #replace(change: () => Promise<void>): Promise<void> {
    this.#facts = { handedOut: new Set() }
    try {
      await change()
    } finally {
      this.#facts = { handedOut: new Set() }
    }
  }
}
