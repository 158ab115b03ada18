import { QwenAuthError } from "../errors.ts"
import { isConnectionBlocked } from "../http/network-error.ts"
import type { AuthorizationServer } from "../oauth/authorization-server.ts"
import { requestRefresh } from "../oauth/refresh.ts"
import type { Platform } from "../platform.ts"
import { type OAuthCredential, oauthCredential } from "./credential.ts"
import type { LockedStore } from "./credential-store.ts"

const ATTEMPTS = 3
const FIRST_WAIT_MS = 1_000
/** A server that asks for more patience than this is not waited for, ms. */
const LONGEST_WAIT_MS = 5_000

/** How renewing ended: as the refresh did, with the whole credential; `clockSkewMs` as in the token response. */
export type Renewal =
  | { readonly kind: "renewed"; readonly credential: OAuthCredential; readonly clockSkewMs: number | undefined }
  | { readonly kind: "refused"; readonly error: QwenAuthError }
  | { readonly kind: "unavailable"; readonly error: QwenAuthError; readonly retryAfterMs: number | undefined }

/**
 * Refreshes a credential. A passing failure is tried again, three times in all, but only when the present token no longer works:
 * while it does there is no hurry. A refusal is never tried again, and nothing is sent once the turn is another process's: two
 * that show the same refresh token can cost the sign-in.
 * @param tokenUnusable the present token no longer works
 * @throws QwenAuthError `credential_locked` when the turn was taken over
 */
export async function refreshWithRetry(
  platform: Platform,
  server: AuthorizationServer,
  credential: OAuthCredential,
  tokenUnusable: boolean,
  lock: Pick<LockedStore, "isHeld">,
): Promise<Renewal> {
  for (let attempt = 1; ; attempt++) {
    if (!(await lock.isHeld())) throw takenOver()
    const outcome = await requestRefresh(platform, server, credential.refreshToken)
    if (outcome.kind === "renewed") {
      const { tokens } = outcome
      return { kind: "renewed", credential: oauthCredential(tokens, credential), clockSkewMs: tokens.clockSkewMs }
    }
    if (outcome.kind === "refused" || isConnectionBlocked(outcome.error)) return outcome
    // Retry-After is the least a server wants (RFC 9110 §10.2.3): it never makes an attempt come earlier.
    const waitMs = Math.max(FIRST_WAIT_MS * 2 ** (attempt - 1), outcome.retryAfterMs ?? 0)
    if (!tokenUnusable || attempt === ATTEMPTS || waitMs > LONGEST_WAIT_MS) return outcome
    await platform.sleep(waitMs)
  }
}

export function takenOver(): QwenAuthError {
  const message = "Another process took over the lock while this process was suspended."
  return new QwenAuthError("credential_locked", message, { remedy: "Try again." })
}
