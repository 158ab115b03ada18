import {
  type ApiKeyCredential,
  type AuthorizationServer,
  type Credential,
  CredentialManager,
  type OAuthCredential,
  type QwenAuthError,
  type RequestCredentials,
  type World,
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
interface Learned {
  /** The tokens and keys that were handed out, to know a late answer to a former sign-in. */
  readonly handedOut: Set<string>
  key?: { readonly credential: ApiKeyCredential | undefined; readonly readAt: number }
  renewedAt?: number
  lastError?: NonNullable<SignInState["lastError"]>
  refused?: QwenAuthError
}

/** The one sign-in of the plugin, a Qwen account or an API key: who asks for a credential gets it renewed. */
export class SignIn implements RequestCredentials {
  readonly #world: World
  readonly #secrets: SignInSecrets
  readonly #store: ReturnType<typeof accountStore>
  readonly #account: CredentialManager
  #learned: Learned = { handedOut: new Set() }
  #adopting = false

  constructor(world: World, server: AuthorizationServer, secrets: SignInSecrets) {
    this.#world = world
    this.#secrets = secrets
    this.#store = accountStore(secrets, () => this.#adopting)
    const publish = async () => {
      this.#learned.renewedAt = world.now()
    }
    this.#account = new CredentialManager({ world, server, store: this.#store, publish })
  }

  /** The credential to use now. @throws QwenAuthError as {@link CredentialManager.current} */
  async current(options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    const learned = this.#learned
    const credential = (await this.#apiKey()) ?? (await this.#account.current(options))
    learned.handedOut.add(secretOf(credential))
    return credential
  }

  /** Another in place of a rejected token. @throws QwenAuthError as {@link CredentialManager.renew} */
  async renew(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    const learned = this.#learned
    const credential = await this.#account.renew(rejected, options)
    learned.handedOut.add(secretOf(credential))
    return credential
  }

  observe(headers: Headers): void {
    this.#account.observe(headers)
  }

  /** Takes the sign-in that just ended well, in place of whatever was there. @throws QwenAuthError `credential_not_stored` */
  async adopt(credential: Credential): Promise<void> {
    await this.#anew(async () => {
      // In a turn, so that a renewal under way ends first; what is there stays until the new one is written.
      if (credential.type === "api_key") return this.#store.exclusive(() => this.#secrets.write(credential))
      this.#adopting = true
      try {
        await this.#account.adopt(credential)
      } finally {
        this.#adopting = false
      }
    })
  }

  /** Removes the sign-in. @throws QwenAuthError `credential_not_stored` */
  async clear(): Promise<void> {
    await this.#anew(() => this.#account.clear())
  }

  /** Learns how a request ended. */
  outcome(credential: Credential | undefined, error: QwenAuthError | undefined): void {
    const learned = this.#learned
    // A late answer to a former sign-in says nothing of this one.
    if (credential !== undefined && !learned.handedOut.has(secretOf(credential))) return
    if (error === undefined) {
      delete learned.refused
      return
    }
    learned.lastError = { error, at: this.#world.now() }
    if (FINAL.has(error.code)) learned.refused = error
  }

  /** What is known now. Never throws. */
  async state(): Promise<SignInState> {
    const { credential, problem } = await this.#secrets.read()
    const { refused, renewedAt, lastError } = this.#learned
    const why = problem ?? (credential === undefined ? undefined : refused)
    return {
      ...(credential === undefined ? {} : { credential }),
      ...(why === undefined ? {} : { problem: why }),
      ...(renewedAt === undefined ? {} : { renewedAt }),
      ...(lastError === undefined ? {} : { lastError }),
    }
  }

  /** Changes the sign-in; what was learned before, and what is read meanwhile, does not count afterwards. */
  async #anew(change: () => Promise<void>): Promise<void> {
    this.#learned = { handedOut: new Set() }
    try {
      await change()
    } finally {
      this.#learned = { handedOut: new Set() }
    }
  }

  /** @throws QwenAuthError `credential_unusable` when it cannot be read */
  async #apiKey(): Promise<ApiKeyCredential | undefined> {
    const learned = this.#learned
    const now = this.#world.now()
    if (learned.key !== undefined && Math.abs(now - learned.key.readAt) < TRUST_MS) return learned.key.credential
    const { credential, problem } = await this.#secrets.read()
    if (this.#learned !== learned) return this.#apiKey()
    if (problem !== undefined) throw problem
    learned.key = { credential: credential?.type === "api_key" ? credential : undefined, readAt: now }
    return learned.key.credential
  }
}

function secretOf(credential: Credential): string {
  return credential.type === "oauth" ? credential.accessToken : credential.apiKey
}
