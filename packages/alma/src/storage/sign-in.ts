import type { AuthorizationServer, Credential, OAuthCredential, Platform, QwenAuthError } from "qwen-auth-core"
import { CredentialManager, type RequestCredentials, secretOf } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import type { SecretStore } from "./secret-store.ts"

/** The state of the current sign-in. */
export interface SignInState {
  readonly credential?: Credential | undefined
  /** Why it does not work; absent while it works. */
  readonly problem?: QwenAuthError | undefined
  /** When the account's token was last refreshed, epoch ms. */
  readonly refreshedAt?: number | undefined
  /** The last error of a request, and when it occurred, epoch ms. */
  readonly lastError?: { readonly error: QwenAuthError; readonly at: number } | undefined
  /** When an answer said that the quota is used up, and when it is reset, epoch ms. */
  readonly usedUp?: { readonly at: number; readonly resetsAt: number | undefined } | undefined
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

/** Errors that say that nothing of the quota is left. */
const USED_UP: ReadonlySet<string> = new Set(["free_tier_ended", "quota_exhausted"])

/** Facts about one sign-in. A new sign-in starts without any. */
interface SessionFacts {
  /** The tokens and keys in use, to recognise a late response for a previous sign-in. */
  readonly handedOut: Set<string>
  refreshedAt?: number
  lastError?: SignInState["lastError"]
  usedUp?: SignInState["usedUp"]
  refused?: QwenAuthError | undefined
}

/** The sign-in of the plugin, a Qwen account or an API key, and its state. */
export class SignIn implements RequestCredentials {
  readonly #platform: Platform
  readonly #store: SecretStore
  readonly #createManager: () => CredentialManager
  #credentials: CredentialManager
  #facts: SessionFacts = { handedOut: new Set() }

  constructor(platform: Platform, server: AuthorizationServer, store: SecretStore) {
    this.#platform = platform
    this.#store = store
    const publish = async () => {
      this.#facts.refreshedAt = platform.now()
    }
    this.#createManager = () => new CredentialManager({ platform, server, store, publish })
    this.#credentials = this.#createManager()
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

  /** Uses another program's sign-in in place from now on. @throws QwenAuthError `credential_not_stored` */
  async useInPlace(choice: CredentialsChoice): Promise<void> {
    await this.#replace(async () => {
      // Ends a refresh of the previous sign-in, which would replace this one.
      await this.#credentials.clear()
      await this.#store.useInPlace(choice)
      // The manager has the previous sign-in in memory.
      this.#credentials = this.#createManager()
    })
  }

  /** Removes the sign-in from Alma. One that is used in place stays with its program. @throws QwenAuthError `credential_not_stored` */
  async clear(): Promise<void> {
    await this.#replace(() => this.#credentials.clear())
  }

  /** Records how a request ended. */
  outcome(credential: Credential | undefined, error: QwenAuthError | undefined): void {
    const facts = this.#facts
    // A late response for a previous sign-in does not concern this one.
    if (credential !== undefined && !facts.handedOut.has(secretOf(credential))) return
    if (error === undefined) {
      facts.refused = undefined
      facts.usedUp = undefined
      return
    }
    const at = this.#platform.now()
    facts.lastError = { error, at }
    if (USED_UP.has(error.code)) facts.usedUp = { at, resetsAt: error.resetsAt }
    if (FINAL.has(error.code)) facts.refused = error
  }

  /** Returns the current state. Never throws. */
  async state(): Promise<SignInState> {
    const { credential, problem } = await this.#store.read()
    const { refused, refreshedAt, lastError, usedUp } = this.#facts
    return { credential, problem: problem ?? (credential && refused), refreshedAt, lastError, usedUp }
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
      await this.#store.replacing(change)
    } finally {
      this.#facts = { handedOut: new Set() }
    }
  }
}
