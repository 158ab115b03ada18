import { QwenAuthError } from "../errors.ts"
import { abortableWait } from "../http/deadline.ts"
import { isConnectionBlocked } from "../http/network-error.ts"
import type { AuthorizationServer } from "../oauth/authorization-server.ts"
import type { Platform } from "../platform.ts"
import { type Credential, type OAuthCredential, secretOf } from "./credential.ts"
import type { CredentialStore, LockedStore, Stored } from "./credential-store.ts"
import { PendingWrite } from "./pending-write.ts"
import { refreshWithRetry, takenOver } from "./refresh-with-retry.ts"
import { ServerClock } from "./server-clock.ts"

/** How long what was read from the store is taken as still true, ms: another process may renew or sign in. */
const TRUST_MS = 5_000
/** After a renewal that failed for a passing reason while the token still works: the least time until the next attempt, ms. */
const NEXT_ATTEMPT_MS = 30_000
/** With a token that no longer works, a server is given the time it asks for, up to this, ms: a person waits. */
const LONGEST_PATIENCE_MS = 60_000
/** How often a refused refresh is compared with the store, ms: another program may be about to store what it got. */
const RECHECK_MS = 250

/** What a manager needs: a world, the authorization server, the store, and who else wants to know of new tokens. */
export interface CredentialManagerOptions {
  readonly platform: Platform
  readonly server: AuthorizationServer
  readonly store: CredentialStore
  /**
   * Called with each renewed credential and the one that it replaced, before the request that needed it goes out. It runs in
   * the store's turn, so that no other process signs in between the two: it must end in bounded time and must not use the
   * store's turns itself. A failure is logged.
   */
  readonly publish?: (credential: OAuthCredential, replaced: OAuthCredential) => Promise<void>
}

/** Why a renewal is wanted: the token ends soon, or the server rejected it. */
type Reason = "ends" | "rejected"

/** What a turn ended with. `lost`: what was to be replaced, when the turn was taken over before it could be. */
type Renewed = { readonly credential: Credential; readonly lost?: OAuthCredential }

/**
 * Hands out a credential that works and renews it when needed. All of a process's requests share one manager; overlapping
 * renewals are one, and processes that share the store take turns, so that one refresh serves them all.
 */
export class CredentialManager {
  readonly #options: CredentialManagerOptions
  readonly #clock: ServerClock
  readonly #pendingWrite: PendingWrite
  #cached: { readonly stored: Stored; readonly readAt: number; readonly asOf: number } | undefined
  /** Numbers what is learned of the sign-in, in the order in which it was true. */
  #readCount = 0
  /** A renewal under way, or a sign-in or sign-out, which renewals wait for. */
  #refreshing: Promise<Credential> | undefined
  /** The refresh token that the server refused for good, and its words. */
  #refused: { readonly refreshToken: string; readonly error: QwenAuthError } | undefined
  /** While the token works. By our own clock. */
  #nextAttemptAt = 0
  /** How the last renewal failed, and the time in which the server wants no other attempt, by our own clock. */
  #heldOff: { readonly from: number; readonly until: number; readonly error: QwenAuthError } | undefined

  constructor(options: CredentialManagerOptions) {
    this.#options = options
    this.#clock = new ServerClock(options.platform)
    this.#pendingWrite = new PendingWrite(options)
  }

  /**
   * The credential to use now: renewed when less than five minutes are left (less than half of its life, for a token that lives
   * less than ten), and the old one while it is valid if renewing fails for a passing reason.
   * @throws QwenAuthError `authentication_required`, `credential_unusable`, `token_refresh_failed`,
   *   `token_refresh_unavailable`, `aborted`
   */
  async getCredential(options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    const credential = signedIn(await this.#read(TRUST_MS))
    if (credential.type === "api_key") return credential
    if (this.#clock.isFresh(credential)) return credential
    if (this.#clock.isValid(credential) && this.#options.platform.now() < this.#nextAttemptAt) return credential
    try {
      return await this.#refreshOnce(credential, "ends", options.signal)
    } catch (error) {
      if (!QwenAuthError.isInstance(error)) throw error
      const kept = error.code === "token_refresh_unavailable" || isConnectionBlocked(error)
      if (!kept || !this.#clock.isValid(credential)) throw error
      this.#options.platform.log.warn("The token could not be refreshed; the current token still works.", {
        why: error.message,
      })
      return credential
    }
  }

  /**
   * A credential in place of one that the server rejected although it looked valid.
   * @throws QwenAuthError as {@link getCredential}
   */
  async refresh(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined } = {}): Promise<Credential> {
    const credential = signedIn(await this.#read(0))
    if (credential.type === "api_key") return credential
    const another = credential.accessToken !== rejected.accessToken
    if (another && this.#clock.isValid(credential)) return credential
    const underWay = this.#refreshing !== undefined
    const renewed = await this.#refreshOnce(credential, "rejected", options.signal)
    // A renewal that was under way already can end with the very token that was rejected meanwhile.
    const again = underWay && renewed.type === "oauth" && renewed.accessToken === rejected.accessToken
    return again ? this.#refreshOnce(renewed, "rejected", options.signal) : renewed
  }

  /**
   * Stores the credential of a sign-in that just ended well, in place of whatever was there. A renewal under way ends first,
   * what it tells the host included, so that the host does not hear of the old sign-in after the new one.
   * @throws QwenAuthError `credential_not_stored`, `credential_locked`; this process then uses the credential all the same
   */
  async setCredential(credential: Credential): Promise<void> {
    await this.#withoutRenewals(() => this.#replaceLocked(credential))
  }

  /**
   * Signs out: removes what is stored. A renewal under way ends first, so that it does not put the sign-in back.
   * @throws QwenAuthError `credential_locked`, `credential_not_stored`
   */
  async clear(): Promise<void> {
    await this.#withoutRenewals(() => this.#clearLocked())
  }

  /** Changes who is signed in. Callers that want a renewal meanwhile wait for the change and get what it leaves. */
  async #withoutRenewals(change: () => Promise<void>): Promise<void> {
    while (this.#refreshing !== undefined) await this.#refreshing.catch(() => {})
    const changed = change()
    const left = changed.catch(() => {}).then(async () => signedIn(await this.#read(TRUST_MS)))
    this.#refreshing = left
    try {
      await changed
    } finally {
      await left.catch(() => {})
      this.#refreshing = undefined
    }
  }

  async #replaceLocked(credential: Credential): Promise<void> {
    const { store } = this.#options
    const replace = () =>
      store.withLock(async (lock) => {
        const { credential: replaced } = await store.read()
        return this.#pendingWrite.writeThrough(credential, replaced, () => lock.write(credential))
      })
    try {
      // A sign-in is the person's latest word: unlike a renewal, it replaces what a process that took the turn over stored.
      if ((await replace()) === "lost" && (await replace()) === "lost") throw takenOver()
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
        // Only what the store still gives out is still signed in.
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

  /** Learns the server's time from any of its answers. */
  syncClock(headers: Headers): void {
    this.#clock.observe(headers)
  }

  /** What is stored, from memory when that is not older than `trustMs`. */
  async #read(trustMs: number): Promise<Stored> {
    const { store, platform } = this.#options
    const before = this.#cached
    // That nobody is signed in is not taken on trust: someone may just have done it.
    const known = before?.stored.credential !== undefined
    if (known && Math.abs(platform.now() - before.readAt) < trustMs) return before.stored
    const asOf = ++this.#readCount
    const stored = await store.read()
    // A sign-in, a renewal or a read that began later than this read knows better; one that began earlier does not.
    if (this.#cached !== undefined && this.#cached.asOf > asOf) return this.#cached.stored
    return this.#remember(this.#pendingWrite.overlay(stored), asOf)
  }

  #remember(stored: Stored, asOf = ++this.#readCount): Stored {
    this.#cached = { stored, readAt: this.#options.platform.now(), asOf }
    if (stored.credential?.type === "oauth") this.#clock.observeLifetime(stored.credential)
    return stored
  }

  /** Joins the renewal of what the store holds, or starts it. A caller that gives up leaves it running for the others. */
  #refreshOnce(stale: OAuthCredential, reason: Reason, signal: AbortSignal | undefined): Promise<Credential> {
    this.#refreshing ??= this.#refreshLocked(stale, reason).finally(() => {
      this.#refreshing = undefined
    })
    return abortableWait(this.#refreshing, signal)
  }

  async #refreshLocked(stale: OAuthCredential, reason: Reason): Promise<Credential> {
    try {
      const { credential, lost } = await this.#options.store.withLock<Renewed>(
        (lock) => this.#refreshWithLock(stale, reason, lock),
        async () => {
          const renewed = await this.#refreshedByAnother(stale)
          return renewed === undefined ? undefined : { credential: renewed }
        },
      )
      if (lost !== undefined) await this.#storeLost(credential, lost)
      return credential
    } catch (error) {
      if (!QwenAuthError.isInstance(error) || !["credential_locked", "credential_not_stored"].includes(error.code)) {
        throw error
      }
      // Never refreshed without the turn: the one who has it may just have stored what we want.
      const renewed = await this.#refreshedByAnother(stale)
      if (renewed !== undefined) return renewed
      this.#nextAttemptAt = this.#options.platform.now() + NEXT_ATTEMPT_MS
      throw unavailable(error)
    }
  }

  /**
   * What the store holds by now in place of `stale`, which it held a moment ago. It is new, whatever our clock says of its
   * end; should it not work, the server says so.
   */
  async #refreshedByAnother(stale: OAuthCredential): Promise<Credential | undefined> {
    const { credential } = await this.#read(0)
    return credential !== undefined && secretOf(credential) === stale.accessToken ? undefined : credential
  }

  async #refreshWithLock(stale: OAuthCredential, reason: Reason, lock: LockedStore): Promise<Renewed> {
    const stored = signedIn(await this.#read(0))
    if (stored.type === "api_key" || stored.accessToken !== stale.accessToken) return { credential: stored }
    if (this.#refused?.refreshToken === stored.refreshToken) throw this.#refused.error
    this.#throwWhileHeldOff()
    const tokenUnusable = reason === "rejected" || !this.#clock.isValid(stored)
    await this.#reserve(lock, tokenUnusable)
    const { platform, server } = this.#options
    platform.log.debug("Refreshing the access token.", { expiresAt: stored.expiresAt })
    const outcome = await refreshWithRetry(platform, server, stored, tokenUnusable, lock)
    switch (outcome.kind) {
      case "renewed":
        return this.#accept(stored, this.#clock.renewed(outcome), lock)
      case "unavailable":
        this.#holdOff(outcome.error, outcome.retryAfterMs ?? 0)
        throw outcome.error
      case "refused":
        return { credential: await this.#recheckAfterRefusal(stored, outcome.error) }
    }
  }

  #holdOff(error: QwenAuthError, retryAfterMs: number): void {
    const now = this.#options.platform.now()
    this.#nextAttemptAt = now + Math.max(retryAfterMs, NEXT_ATTEMPT_MS)
    this.#heldOff = { from: now, until: now + Math.min(retryAfterMs, LONGEST_PATIENCE_MS), error }
  }

  /** Not longer than asked for when the clock is set back meanwhile. */
  #throwWhileHeldOff(): void {
    const now = this.#options.platform.now()
    if (this.#heldOff !== undefined && now >= this.#heldOff.from && now < this.#heldOff.until) throw this.#heldOff.error
  }

  /** Makes room for the new credential. Without room only a token that no longer works is worth a refresh. */
  async #reserve(lock: LockedStore, tokenUnusable: boolean): Promise<void> {
    try {
      await lock.reserveSpace()
    } catch (error) {
      if (!tokenUnusable) throw error
    }
  }

  /** Another program may have used this refresh token a moment before us: then what it stored, or is about to, is good. */
  async #recheckAfterRefusal(used: OAuthCredential, error: QwenAuthError): Promise<Credential> {
    const { platform, store } = this.#options
    for (let waitedMs = 0; ; waitedMs += RECHECK_MS) {
      const { credential } = await this.#read(0)
      const same = credential?.type === "oauth" && credential.refreshToken === used.refreshToken
      if (credential !== undefined && !same) return credential
      // Which store is meant can be found out by the first read.
      if (waitedMs >= (store.refusalGraceMs ?? 0)) break
      await platform.sleep(RECHECK_MS)
    }
    this.#refused = { refreshToken: used.refreshToken, error }
    throw error
  }

  /** Stores before anything else: until then the only good refresh token is in this process's memory. */
  async #accept(replaced: OAuthCredential, renewed: OAuthCredential, lock: LockedStore): Promise<Renewed> {
    this.#remember({ credential: renewed })
    this.#nextAttemptAt = 0
    const outcome = await this.#pendingWrite
      .writeThrough(renewed, replaced, () => lock.write(renewed))
      .catch((error: unknown) => this.#warnNotStored(error))
    if (outcome === "lost") return { credential: renewed, lost: replaced }
    // All programs go on with the one that is stored.
    const credential = outcome === "superseded" ? ((await this.#read(0)).credential ?? renewed) : renewed
    await this.#publish(credential, replaced)
    return { credential }
  }

  /** Stores, in a new turn, what a turn could not because another process took it over. What that one stored wins. */
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

function signedIn(stored: Stored): Credential {
  if (stored.credential !== undefined) return stored.credential
  if (stored.problem !== undefined) throw stored.problem
  throw new QwenAuthError("authentication_required", "Nobody is signed in.", { remedy: "Sign in first." })
}

function unavailable(cause: QwenAuthError): QwenAuthError {
  return new QwenAuthError("token_refresh_unavailable", `The sign-in could not be refreshed: ${cause.message}`, {
    ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
    cause,
  })
}
