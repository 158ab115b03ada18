import {
  type ApiKeyCredential,
  type AuthorizationServer,
  type Credential,
  CredentialManager,
  type OAuthCredential,
  type Platform,
  type QwenAuthError,
  type RequestCredentials,
} from "qwen-auth-core"
import { accountStore } from "./account-store.ts"
import type { SignInSecrets } from "./secrets.ts"

/** How long what was read is taken as still true, ms. */
const TRUST_MS = 5_000

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
  key?: { readonly credential: ApiKeyCredential | undefined; readonly readAt: number }
  renewedAt?: number
  lastError?: NonNullable<SignInState["lastError"]>
  refused?: QwenAuthError
}

/** The one sign-in of the plugin, a Qwen account or an API key: who asks for a credential gets it renewed. */
export class SignIn implements RequestCredentials {
  readonly #world: Platform
  readonly #secrets: SignInSecrets
  readonly #store: ReturnType<typeof accountStore>
  readonly #account: CredentialManager
  #facts: SessionFacts = { handedOut: new Set() }
  #adopting = false

  constructor(platform: Platform, server: AuthorizationServer, secrets: SignInSecrets) {
    this.#world = platform
    this.#secrets = secrets
    this.#store = accountStore(secrets, () => this.#adopting)
    const publish = async () => {
      this.#facts.renewedAt = platform.now()
    }
    this.#account = new CredentialManager({ platform, server, store: this.#store, publish })
  }

  /** The credential to use now. @throws QwenAuthError as {@link CredentialManager.getCredential} */
  async getCredential(options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    const facts = this.#facts
    const credential = (await this.#apiKey()) ?? (await this.#account.getCredential(options))
    facts.handedOut.add(secretOf(credential))
    return credential
  }

  /** Another in place of a rejected token. @throws QwenAuthError as {@link CredentialManager.refresh} */
  async refresh(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    const facts = this.#facts
    const credential = await this.#account.refresh(rejected, options)
    facts.handedOut.add(secretOf(credential))
    return credential
  }

  syncClock(headers: Headers): void {
    this.#account.syncClock(headers)
  }

  /** Takes the sign-in that just ended well, in place of whatever was there. @throws QwenAuthError `credential_not_stored` */
  async setCredential(credential: Credential): Promise<void> {
    await this.#replace(async () => {
      // In a turn, so that a renewal under way ends first; what is there stays until the new one is written.
      if (credential.type === "api_key") return this.#store.withLock(() => this.#secrets.write(credential))
      this.#adopting = true
      try {
        await this.#account.setCredential(credential)
      } finally {
        this.#adopting = false
      }
    })
  }

  /** Removes the sign-in. @throws QwenAuthError `credential_not_stored` */
  async clear(): Promise<void> {
    await this.#replace(() => this.#account.clear())
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
    facts.lastError = { error, at: this.#world.now() }
    if (FINAL.has(error.code)) facts.refused = error
  }

  /** What is known now. Never throws. */
  async state(): Promise<SignInState> {
    const { credential, problem } = await this.#secrets.read()
    const { refused, renewedAt, lastError } = this.#facts
    const why = problem ?? (credential === undefined ? undefined : refused)
    return {
      ...(credential === undefined ? {} : { credential }),
      ...(why === undefined ? {} : { problem: why }),
      ...(renewedAt === undefined ? {} : { renewedAt }),
      ...(lastError === undefined ? {} : { lastError }),
    }
  }

  /** Changes the sign-in; what was learned before, and what is read meanwhile, does not count afterwards. */
  async #replace(change: () => Promise<void>): Promise<void> {
    this.#facts = { handedOut: new Set() }
    try {
      await change()
    } finally {
      this.#facts = { handedOut: new Set() }
    }
  }

  /** @throws QwenAuthError `credential_unusable` when it cannot be read */
  async #apiKey(): Promise<ApiKeyCredential | undefined> {
    const facts = this.#facts
    const now = this.#world.now()
    if (facts.key !== undefined && Math.abs(now - facts.key.readAt) < TRUST_MS) return facts.key.credential
    const { credential, problem } = await this.#secrets.read()
    if (this.#facts !== facts) return this.#apiKey()
    if (problem !== undefined) throw problem
    facts.key = { credential: credential?.type === "api_key" ? credential : undefined, readAt: now }
    return facts.key.credential
  }
}

function secretOf(credential: Credential): string {
  return credential.type === "oauth" ? credential.accessToken : credential.apiKey
}
