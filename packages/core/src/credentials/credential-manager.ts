import { abortedError, QwenAuthError } from "../errors.ts"
import { abortableWait } from "../http/deadline.ts"
import { isConnectionBlocked } from "../http/network-error.ts"
import type { AuthorizationServer } from "../oauth/authorization-server.ts"
import type { Platform } from "../platform.ts"
import { type Credential, type OAuthCredential, secretOf } from "./credential.ts"
import type { CredentialStore, LockedStore, Stored } from "./credential-store.ts"
import { formerTokensAfter } from "./former-tokens.ts"
import { PendingWrite } from "./pending-write.ts"
import { lockLostError, refreshWithRetry } from "./refresh-with-retry.ts"
import { ServerClock } from "./server-clock.ts"

/** How long a read of the store is cached, ms. Short, because another process may refresh or sign in. */
const CACHE_MS = 5_000
/** Minimum time between a transient refresh failure and the next attempt while the token is still valid, ms. */
const NEXT_ATTEMPT_MS = 30_000
/** Maximum Retry-After that is respected when the token is no longer valid, ms. The user is waiting. */
const MAX_BACKOFF_MS = 60_000
/**
 * Interval between reads of the store after a refused refresh, ms. Another program may be about to store its tokens.
 */
const RECHECK_MS = 250

/** Options of a {@link CredentialManager}. */
export interface CredentialManagerOptions {
  readonly platform: Platform
  readonly server: AuthorizationServer
  readonly store: CredentialStore
  /**
   * Called with each refreshed credential and the one that it replaced, before the request that needed it is sent. It
   * runs while the store's lock is held, so that no other process can sign in between the two. It must therefore finish
   * in bounded time and must not lock the store itself. An error is logged.
   */
  readonly publish?: (credential: OAuthCredential, replaced: OAuthCredential) => Promise<void>
}

/** Why the credential is refreshed: the token expires soon, or the server rejected it. */
type Reason = "expiring" | "rejected"

/** Result of a refresh. `lost`: the credential that was not replaced, because another process took over the lock. */
type Refreshed = { readonly credential: Credential; readonly lost?: OAuthCredential }

/**
 * Provides a valid credential and refreshes it when needed. All requests of a process share one manager. Concurrent
 * refreshes in a process are merged into one, and processes that share the store lock it, so that one refresh serves
 * them all.
 */
export class CredentialManager {
  readonly #options: CredentialManagerOptions
  readonly #clock: ServerClock
  readonly #pendingWrite: PendingWrite
  #cached: { readonly stored: Stored; readonly readAt: number; readonly asOf: number } | undefined
  /** Orders reads and writes of the credential, so that a slow read does not overwrite a newer state. */
  #readCount = 0
  /** The pending refresh, sign-in or sign-out. Other refreshes wait for it. */
  #refreshing: Promise<Credential> | undefined
  /** The number of callers that wait for the pending refresh. */
  #callers = 0
  /** The refresh token that the server permanently refused, and the error. */
  #refused: { readonly refreshToken: string; readonly error: QwenAuthError } | undefined
  /** Earliest time of the next refresh while the token is valid, epoch ms by the local clock. */
  #nextAttemptAt = 0
  /**
   * The last transient failure, and the period in which the server asked for no further attempt, epoch ms (local
   * clock).
   */
  #backoff: { readonly from: number; readonly until: number; readonly error: QwenAuthError } | undefined

  constructor(options: CredentialManagerOptions) {
    this.#options = options
    this.#clock = new ServerClock(options.platform)
    this.#pendingWrite = new PendingWrite(options)
  }

  /**
   * Returns a valid credential. It is refreshed when it expires in less than five minutes (or less than half of its
   * lifetime, if that is shorter). If the refresh fails with a transient error, a credential that is still valid is
   * returned.
   * @throws QwenAuthError `authentication_required`, `credential_unusable`, `token_refresh_failed`,
   *   `token_refresh_unavailable`, `aborted`
   */
  async getCredential(options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    const credential = requireCredential(await this.#read(CACHE_MS))
    if (credential.type === "api_key") return credential
    if (this.#clock.isFresh(credential)) return credential
    if (this.#clock.isValid(credential) && this.#options.platform.now() < this.#nextAttemptAt) return credential
    try {
      return await this.#refreshOnce(credential, "expiring", options.signal)
    } catch (error) {
      if (!QwenAuthError.isInstance(error)) throw error
      const transient = error.code === "token_refresh_unavailable" || isConnectionBlocked(error)
      if (!transient || !this.#clock.isValid(credential)) throw error
      this.#options.platform.log.warn("The token could not be refreshed; the current token still works.", {
        why: error.message,
      })
      return credential
    }
  }

  /**
   * Returns a credential to use instead of one that the server rejected although it had not expired.
   * @throws QwenAuthError as {@link getCredential}
   */
  async refresh(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    const credential = requireCredential(await this.#read(0))
    if (credential.type === "api_key") return credential
    const another = credential.accessToken !== rejected.accessToken
    if (another && this.#clock.isValid(credential)) return credential
    const wasPending = this.#refreshing !== undefined
    const refreshed = await this.#refreshOnce(credential, "rejected", options.signal)
    // A refresh that was already pending may return the token that the server has rejected in the meantime.
    const again = wasPending && refreshed.type === "oauth" && refreshed.accessToken === rejected.accessToken
    return again ? this.#refreshOnce(refreshed, "rejected", options.signal) : refreshed
  }

  /**
   * Stores the credential of a new sign-in in place of the previous one. Waits for a pending refresh and its
   * `publish` call first, so that the old sign-in is not published after the new one.
   * @throws QwenAuthError `credential_not_stored`, `credential_locked`; this process then still uses the credential
   */
  async setCredential(credential: Credential): Promise<void> {
    await this.#afterRefresh(() => this.#replaceLocked(credential))
  }

  /**
   * Signs out: removes the stored credential. Waits for a pending refresh first, so that it cannot store the
   * credential again.
   * @throws QwenAuthError `credential_locked`, `credential_not_stored`
   */
  async clear(): Promise<void> {
    await this.#afterRefresh(() => this.#clearLocked())
  }

  /** Changes the sign-in. Callers that want a refresh in the meantime wait for the change and get its result. */
  async #afterRefresh(change: () => Promise<void>): Promise<void> {
    while (this.#refreshing !== undefined) await this.#refreshing.catch(() => {})
    const changed = change()
    const result = changed.catch(() => {}).then(async () => requireCredential(await this.#read(CACHE_MS)))
    this.#refreshing = result
    try {
      await changed
    } finally {
      await result.catch(() => {})
      this.#refreshing = undefined
    }
  }

  async #replaceLocked(credential: Credential): Promise<void> {
    const { store } = this.#options
    const replace = () =>
      store.withLock(async (lock) => {
        const { credential: replaced } = await store.read()
        return this.#pendingWrite.writeThrough(lock, credential, replaced)
      })
    try {
      // A sign-in is the user's latest decision. Unlike a refresh, it replaces what a process that took over the lock
      // stored.
      if ((await replace()) === "lost" && (await replace()) === "lost") throw lockLostError()
    } catch (error) {
      this.#pendingWrite.set(credential, (await store.read()).credential)
      throw error
    } finally {
      this.#remember({ credential })
      this.#nextAttemptAt = 0
    }
  }

  async #clearLocked(): Promise<void> {
    const { store } = this.#options
    await store.withLock(async () => {
      try {
        await store.clear()
      } catch (error) {
        // The user is signed out if the store no longer returns a credential.
        if ((await store.read()).credential === undefined) this.#forget()
        throw error
      }
      this.#forget()
    })
  }

  #forget(): void {
    this.#pendingWrite.clear()
    this.#remember({})
  }

  /** Updates the clock skew from the headers of any response of the service. */
  syncClock(headers: Headers): void {
    this.#clock.observe(headers)
  }

  /** Returns what is stored, from the cache when that is not older than `maxAgeMs`. */
  async #read(maxAgeMs: number): Promise<Stored> {
    const { store, platform } = this.#options
    const before = this.#cached
    // A missing credential is never cached: the user may have just signed in.
    const known = before?.stored.credential !== undefined
    if (known && Math.abs(platform.now() - before.readAt) < maxAgeMs) return before.stored
    const asOf = ++this.#readCount
    const stored = await store.read()
    // A sign-in, refresh or read that started after this read has the newer state.
    if (this.#cached !== undefined && this.#cached.asOf > asOf) return this.#cached.stored
    return this.#remember(this.#pendingWrite.overlay(stored), asOf)
  }

  #remember(stored: Stored, asOf = ++this.#readCount): Stored {
    this.#cached = { stored, readAt: this.#options.platform.now(), asOf }
    if (stored.credential?.type === "oauth") this.#clock.observeLifetime(stored.credential)
    return stored
  }

  /** Joins or starts a refresh of the stored credential. When a caller aborts, the refresh continues for the others. */
  async #refreshOnce(stale: OAuthCredential, reason: Reason, signal: AbortSignal | undefined): Promise<Credential> {
    this.#callers += 1
    this.#refreshing ??= this.#refreshLocked(stale, reason).finally(() => {
      this.#refreshing = undefined
    })
    try {
      return await abortableWait(this.#refreshing, signal)
    } finally {
      this.#callers -= 1
    }
  }

  async #refreshLocked(stale: OAuthCredential, reason: Reason): Promise<Credential> {
    try {
      const { credential, lost } = await this.#options.store.withLock<Refreshed>(
        (lock) => this.#refreshWithLock(stale, reason, lock),
        async () => {
          // Without the lock nothing has been sent yet, so the wait can end with its last caller.
          if (this.#callers === 0) throw abortedError()
          const credential = await this.#refreshedByAnother(stale)
          return credential && { credential }
        },
      )
      if (lost !== undefined) await this.#storeLost(credential, lost)
      return credential
    } catch (error) {
      if (!QwenAuthError.isInstance(error) || !["credential_locked", "credential_not_stored"].includes(error.code)) {
        throw error
      }
      // Never refresh without the lock. Its holder may have just stored a new credential.
      const refreshed = await this.#refreshedByAnother(stale)
      if (refreshed !== undefined) return refreshed
      this.#nextAttemptAt = this.#options.platform.now() + NEXT_ATTEMPT_MS
      const message = `The sign-in could not be refreshed: ${error.message}`
      throw new QwenAuthError("token_refresh_unavailable", message, { remedy: error.remedy, cause: error })
    }
  }

  /**
   * Returns the credential that replaced `stale` in the store, if any. It is used even if it has expired by the local
   * clock: it was issued a moment ago, and the server rejects it if it is not valid.
   */
  async #refreshedByAnother(stale: OAuthCredential): Promise<Credential | undefined> {
    const { credential } = await this.#read(0)
    return credential !== undefined && secretOf(credential) === stale.accessToken ? undefined : credential
  }

  async #refreshWithLock(stale: OAuthCredential, reason: Reason, lock: LockedStore): Promise<Refreshed> {
    const present = await this.#read(0)
    const stored = requireCredential(present)
    if (stored.type === "api_key" || stored.accessToken !== stale.accessToken) return { credential: stored }
    if (this.#refused?.refreshToken === stored.refreshToken) throw this.#refused.error
    this.#throwDuringBackoff()
    const tokenUnusable = reason === "rejected" || !this.#clock.isValid(stored)
    await lock.reserveSpace().catch((error: unknown) => {
      // Without space, only a token that is no longer valid is refreshed.
      if (!tokenUnusable) throw error
    })
    const { platform, server } = this.#options
    platform.log.debug("Refreshing the access token.", { expiresAt: stored.expiresAt })
    const outcome = await refreshWithRetry(platform, server, stored, { tokenUnusable, lock })
    switch (outcome.kind) {
      case "refreshed":
        return this.#accept(stored, present, this.#clock.refreshedCredential(outcome.tokens, stored), lock)
      case "unavailable":
        this.#backOff(outcome.error, outcome.retryAfterMs ?? 0)
        throw outcome.error
      case "refused":
        return { credential: await this.#recheckAfterRefusal(stored, outcome.error) }
    }
  }

  #backOff(error: QwenAuthError, retryAfterMs: number): void {
    const now = this.#options.platform.now()
    this.#nextAttemptAt = now + Math.max(retryAfterMs, NEXT_ATTEMPT_MS)
    this.#backoff = { from: now, until: now + Math.min(retryAfterMs, MAX_BACKOFF_MS), error }
  }

  /** The start time is checked too, so that setting the clock back does not prolong the period. */
  #throwDuringBackoff(): void {
    const now = this.#options.platform.now()
    if (this.#backoff !== undefined && now >= this.#backoff.from && now < this.#backoff.until) throw this.#backoff.error
  }

  /** Another program may have just used this refresh token. Uses the credential that it stored or is about to store. */
  async #recheckAfterRefusal(used: OAuthCredential, error: QwenAuthError): Promise<Credential> {
    const { platform, store } = this.#options
    for (let waitedMs = 0; ; waitedMs += RECHECK_MS) {
      const { credential } = await this.#read(0)
      const same = credential?.type === "oauth" && credential.refreshToken === used.refreshToken
      if (credential !== undefined && !same) return credential
      // Read only now: a store may not know its grace period before its first read.
      if (waitedMs >= (store.refusalGraceMs ?? 0)) break
      await platform.sleep(RECHECK_MS)
    }
    this.#refused = { refreshToken: used.refreshToken, error }
    throw error
  }

  /** Stores the credential first: until then the only valid refresh token is in the memory of this process. */
  async #accept(
    replaced: OAuthCredential,
    present: Stored,
    refreshed: OAuthCredential,
    lock: LockedStore,
  ): Promise<Refreshed> {
    const formerTokens = formerTokensAfter(present, refreshed)
    this.#remember({ credential: refreshed, formerTokens })
    this.#nextAttemptAt = 0
    const outcome = await this.#pendingWrite
      .writeThrough(lock, refreshed, replaced, formerTokens)
      .catch((error: unknown) => this.#warnNotStored(error))
    if (outcome === "lost") return { credential: refreshed, lost: replaced }
    // All programs continue with the stored credential.
    const credential = outcome === "superseded" ? ((await this.#read(0)).credential ?? refreshed) : refreshed
    await this.#publish(credential, replaced)
    return { credential }
  }

  /**
   * Stores, under a new lock, what could not be stored because another process took over. Its credential has
   * precedence.
   */
  async #storeLost(credential: Credential, replaced: OAuthCredential): Promise<void> {
    const outcome = await this.#pendingWrite.flush().catch((error: unknown) => this.#warnNotStored(error))
    if (outcome !== "superseded") await this.#publish(credential, replaced)
  }

  async #publish(credential: Credential, replaced: OAuthCredential): Promise<void> {
    const { platform, publish } = this.#options
    if (credential.type !== "oauth") return
    await publish?.(credential, replaced).catch((error: unknown) => {
      platform.log.warn("The refreshed sign-in could not be passed to the host.", { error })
    })
  }

  #warnNotStored(error: unknown): undefined {
    this.#options.platform.log.warn("The refreshed sign-in could not be stored; only this process can use it.", {
      error,
    })
  }
}

function requireCredential(stored: Stored): Credential {
  if (stored.credential !== undefined) return stored.credential
  if (stored.problem !== undefined) throw stored.problem
  throw new QwenAuthError("authentication_required", "Nobody is signed in.", { remedy: "Sign in first." })
}
