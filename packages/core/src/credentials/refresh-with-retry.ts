import { QwenAuthError } from "../errors.ts"
import { isConnectionBlocked } from "../http/network-error.ts"
import type { AuthorizationServer } from "../oauth/authorization-server.ts"
import { type RefreshOutcome, requestRefresh } from "../oauth/refresh.ts"
import type { Platform } from "../platform.ts"
import type { OAuthCredential } from "./credential.ts"
import type { LockedStore } from "./credential-store.ts"

const ATTEMPTS = 3
const FIRST_WAIT_MS = 1_000
/** A longer Retry-After ends the attempts, ms. */
const MAX_WAIT_MS = 5_000

/** Options of {@link refreshWithRetry}. */
interface RefreshOptions {
  /** True when the current access token is no longer valid. */
  readonly tokenUnusable: boolean
  readonly lock: Pick<LockedStore, "isHeld">
}

/**
 * Refreshes a credential. Makes up to three attempts on transient failures, but only one while the current access
 * token is still valid. A refusal is not retried. No request is sent after another process took over the lock, because
 * two uses of the same refresh token can invalidate the sign-in.
 * @returns the outcome of the last attempt
 * @throws QwenAuthError `credential_locked`: another process took over the lock
 */
export async function refreshWithRetry(
  platform: Platform,
  server: AuthorizationServer,
  credential: OAuthCredential,
  { tokenUnusable, lock }: RefreshOptions,
): Promise<RefreshOutcome> {
  for (let attempt = 1; ; attempt++) {
    if (!(await lock.isHeld())) throw lockLostError()
    const outcome = await requestRefresh(platform, server, credential.refreshToken)
    if (outcome.kind !== "unavailable" || isConnectionBlocked(outcome.error)) return outcome
    // Retry-After is a minimum (RFC 9110 §10.2.3). It never shortens our own wait.
    const waitMs = Math.max(FIRST_WAIT_MS * 2 ** (attempt - 1), outcome.retryAfterMs ?? 0)
    if (!tokenUnusable || attempt === ATTEMPTS || waitMs > MAX_WAIT_MS) return outcome
    await platform.sleep(waitMs)
  }
}

/** Returns the error for a lock that another process took over. */
export function lockLostError(): QwenAuthError {
  const message = "Another process took over the lock while this process was suspended."
  return new QwenAuthError("credential_locked", message, { remedy: "Try again." })
}
