import type {
  AuthorizationServer,
  Credential,
  CredentialStore,
  OAuthCredential,
  Platform,
  QwenAuthError,
} from "qwen-auth-core"
import { CredentialManager, type RequestCredentials, secretOf } from "qwen-auth-core/internal"

/** The state of the current sign-in. */
export interface SignInState {
  readonly credential?: Credential
  /** Why it does not work; absent while it works. */
  readonly problem?: QwenAuthError
  /** When the account's token was last refreshed, epoch ms. */
  readonly renewedAt?: number
  /** The last error of a request, and when it occurred, epoch ms. */
  readonly lastError?: { readonly error: QwenAuthError; readonly at: number }
}

/** How long a rate limit is shown, ms. */
const RATE_LIMIT_SHOWN_MS = 60_000

/** Returns true for a minute after the service's rate limit was reached. */
export function isRateLimited({ lastError }: SignInState, now: number): boolean {
  return lastError?.error.code === "rate_limited" && now - lastError.at < RATE_LIMIT_SHOWN_MS
}

/** Errors that end a sign-in: the user has to sign in again. */
const FINAL: ReadonlySet<string> = new Set([
  "api_key_malformed",
  "api_key_rejected",
  "free_tier_ended",
  "session_expired",
  "token_refresh_failed",
])

/** Facts about one sign-in. A new sign-in starts without any. */
interface SessionFacts {
  /** The tokens and keys in use, to recognise a late response for a previous sign-in. */
  readonly handedOut: Set<string>
  renewedAt?: number
  lastError?: NonNullable<SignInState["lastError"]>
  refused?: QwenAuthError
}

/** The sign-in of the plugin, a Qwen account or an API key, and its state. */
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

  /** Returns the credential to use now. @throws QwenAuthError as {@link CredentialManager.getCredential} */
  getCredential(options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    return this.#handOut(() => this.#credentials.getCredential(options))
  }

  /** Returns a credential to use instead of a rejected one. @throws QwenAuthError as {@link CredentialManager.refresh} */
  refresh(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    return this.#handOut(() => this.#credentials.refresh(rejected, options))
  }

  syncClock(headers: Headers): void {
    this.#credentials.syncClock(headers)
  }

  /** Replaces the stored credential with that of a new sign-in. @throws QwenAuthError `credential_not_stored` */
  async setCredential(credential: Credential): Promise<void> {
    await this.#replace(() => this.#credentials.setCredential(credential))
  }

  /** Removes the sign-in. @throws QwenAuthError `credential_not_stored` */
  async clear(): Promise<void> {
    await this.#replace(() => this.#credentials.clear())
  }

  /** Records how a request ended. */
  outcome(credential: Credential | undefined, error: QwenAuthError | undefined): void {
    const facts = this.#facts
    // A late response for a previous sign-in does not concern this one.
    if (credential !== undefined && !facts.handedOut.has(secretOf(credential))) return
    if (error === undefined) {
      delete facts.refused
      return
    }
    facts.lastError = { error, at: this.#platform.now() }
    if (FINAL.has(error.code)) facts.refused = error
  }

  /** Returns the current state. Never throws. */
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

  /** Changes the sign-in. Discards the facts about the previous one, and those that arrive during the change. */
  async #replace(change: () => Promise<void>): Promise<void> {
    this.#facts = { handedOut: new Set() }
    try {
      await change()
    } finally {
      this.#facts = { handedOut: new Set() }
    }
  }
}
