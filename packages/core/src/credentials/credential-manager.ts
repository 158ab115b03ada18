import { QwenAuthError } from "../errors.ts"
import { abortableWait } from "../http/deadline.ts"
import type { AuthorizationServer } from "../oauth/authorization-server.ts"
import { type RefreshOutcome, requestRefresh } from "../oauth/refresh.ts"
import type { World } from "../world.ts"
import { type OAuthCredential, oauthCredential } from "./credential.ts"
import type { CredentialStore, Stored } from "./credential-store.ts"

/** A token is renewed when less than this is left of it, ms. */
const RENEWAL_MARGIN_MS = 5 * 60_000

/** How long what was read from the store is taken as still true, ms: another process may renew or sign in. */
const TRUST_MS = 5_000
/** After a renewal that failed for a passing reason while the token still works: the time until the next attempt, ms. */
const NEXT_ATTEMPT_MS = 30_000

/** What a manager needs: a world, the authorization server, the store, and who else wants to know of new tokens. */
export interface CredentialManagerOptions {
  readonly world: World
  readonly server: AuthorizationServer
  readonly store: CredentialStore
  /** Told of each renewed credential, before the request that needed it goes out. A failure is logged, no more. */
  readonly publish?: (credential: OAuthCredential) => Promise<void>
}

/**
 * Hands out a credential that works and renews it when needed. All of a process's requests share one manager, and
 * overlapping renewals are one.
 */
export class CredentialManager {
  readonly #options: CredentialManagerOptions
  #held: { readonly stored: Stored; readonly readAt: number } | undefined
  /** A renewed credential that could not be stored, and the access token in the store that it replaces. */
  #unsaved: { readonly credential: OAuthCredential; readonly replaces: string | undefined } | undefined
  #renewal: Promise<OAuthCredential> | undefined
  /** The refresh token that the server refused for good, and its words. */
  #refused: { readonly refreshToken: string; readonly error: QwenAuthError } | undefined
  #nextAttemptAt = 0
  /** The margin of a token that lives so short that the usual margin would renew it at every request. */
  #shortMargin: { readonly accessToken: string; readonly ms: number } | undefined

  constructor(options: CredentialManagerOptions) {
    this.#options = options
  }

  /**
   * The credential to use now: renewed when less than five minutes are left, and the old one while it is valid if renewing
   * fails for a passing reason.
   * @throws QwenAuthError `authentication_required`, `credential_unusable`, `token_refresh_failed`, `token_refresh_unavailable`, `aborted`
   */
  async current(options: { signal?: AbortSignal | undefined } = {}): Promise<OAuthCredential> {
    const { world } = this.#options
    const credential = signedIn(await this.#look(TRUST_MS))
    const leftMs = credential.expiresAt - world.now()
    if (leftMs >= this.#marginMs(credential)) return credential
    if (leftMs > 0 && world.now() < this.#nextAttemptAt) return credential
    try {
      return await this.#renewOnce(credential, options.signal)
    } catch (error) {
      const passing = QwenAuthError.isInstance(error) && error.code === "token_refresh_unavailable"
      if (!passing || credential.expiresAt <= world.now()) throw error
      world.log.warn("The token could not be renewed now; the present one still works.", { why: error.message })
      return credential
    }
  }

  /**
   * A credential in place of one that the server rejected although it looked valid.
   * @throws QwenAuthError as {@link current}
   */
  async renew(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined } = {}): Promise<OAuthCredential> {
    const credential = signedIn(await this.#look(0))
    const another = credential.accessToken !== rejected.accessToken
    if (another && credential.expiresAt > this.#options.world.now()) return credential
    return this.#renewOnce(rejected, options.signal)
  }

  /**
   * Takes the credential of a sign-in that just ended well, in place of whatever was there.
   * @throws QwenAuthError `credential_not_stored`; this process then uses the credential all the same
   */
  async adopt(credential: OAuthCredential): Promise<void> {
    const { store } = this.#options
    await store.exclusive(async () => {
      const { credential: replaced } = await store.read()
      this.#hold({ credential })
      this.#unsaved = { credential, replaces: replaced?.accessToken }
      this.#nextAttemptAt = 0
      await store.write(credential)
      this.#unsaved = undefined
    })
  }

  /** What is stored, from memory when that is not older than `trustMs`. */
  async #look(trustMs: number): Promise<Stored> {
    const { store, world } = this.#options
    const now = world.now()
    if (this.#held !== undefined && Math.abs(now - this.#held.readAt) < trustMs) return this.#held.stored
    const before = this.#held
    const stored = await store.read()
    // A sign-in or renewal that ended while this read was under way knows better.
    if (this.#held !== undefined && this.#held !== before) return this.#held.stored
    const unsaved = this.#unsaved
    const outdated = unsaved !== undefined && unsaved.replaces === stored.credential?.accessToken
    return this.#hold(outdated ? { credential: unsaved.credential } : stored)
  }

  #hold(stored: Stored): Stored {
    this.#held = { stored, readAt: this.#options.world.now() }
    return stored
  }

  #marginMs(credential: OAuthCredential): number {
    return this.#shortMargin?.accessToken === credential.accessToken ? this.#shortMargin.ms : RENEWAL_MARGIN_MS
  }

  /** Joins the renewal under way, or starts one. A caller that gives up leaves it running for the others. */
  #renewOnce(stale: OAuthCredential, signal: AbortSignal | undefined): Promise<OAuthCredential> {
    this.#renewal ??= this.#options.store
      .exclusive(() => this.#renewExclusively(stale))
      .finally(() => {
        this.#renewal = undefined
      })
    return abortableWait(this.#renewal, signal)
  }

  async #renewExclusively(stale: OAuthCredential): Promise<OAuthCredential> {
    const stored = signedIn(await this.#look(0))
    if (stored.accessToken !== stale.accessToken && this.#isFresh(stored)) return stored
    if (this.#refused?.refreshToken === stored.refreshToken) throw this.#refused.error
    const { world, server } = this.#options
    world.log.debug("Renewing the access token.", { expiresAt: stored.expiresAt })
    return this.#settle(stored, await requestRefresh(world, server, stored.refreshToken))
  }

  async #settle(stored: OAuthCredential, outcome: RefreshOutcome): Promise<OAuthCredential> {
    switch (outcome.kind) {
      case "renewed":
        return this.#accept(stored, oauthCredential(outcome.tokens, stored, this.#options.world.now()))
      case "unavailable":
        this.#nextAttemptAt = this.#options.world.now() + (outcome.retryAfterMs ?? NEXT_ATTEMPT_MS)
        throw outcome.error
      case "refused": {
        // Another program may have used this refresh token a moment before us: then what it stored is good.
        const { credential } = await this.#look(0)
        if (credential !== undefined && credential.refreshToken !== stored.refreshToken) return credential
        this.#refused = { refreshToken: stored.refreshToken, error: outcome.error }
        throw outcome.error
      }
    }
  }

  async #accept(replaced: OAuthCredential, credential: OAuthCredential): Promise<OAuthCredential> {
    const { world, store, publish } = this.#options
    this.#hold({ credential })
    this.#nextAttemptAt = 0
    const lifetimeMs = credential.expiresAt - world.now()
    this.#shortMargin = { accessToken: credential.accessToken, ms: Math.min(RENEWAL_MARGIN_MS, lifetimeMs / 2) }
    try {
      await store.write(credential)
      this.#unsaved = undefined
    } catch (error) {
      const replaces = this.#unsaved?.credential === replaced ? this.#unsaved.replaces : replaced.accessToken
      this.#unsaved = { credential, replaces }
      world.log.warn("The renewed sign-in could not be stored; it serves this process.", { error })
    }
    await publish?.(credential).catch((error: unknown) => {
      world.log.warn("The renewed sign-in could not be handed to the host.", { error })
    })
    return credential
  }

  #isFresh(credential: OAuthCredential): boolean {
    return credential.expiresAt - this.#options.world.now() >= this.#marginMs(credential)
  }
}

function signedIn(stored: Stored): OAuthCredential {
  if (stored.credential !== undefined) return stored.credential
  if (stored.problem !== undefined) throw stored.problem
  throw new QwenAuthError("authentication_required", "Nobody is signed in.", { remedy: "Sign in first." })
}
