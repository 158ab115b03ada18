import type { AuthorizationServer, OAuthCredential, Platform } from "qwen-auth-core"
import { startDeviceSignIn, verifyAccount } from "qwen-auth-core/internal"
import type { AlmaUi } from "../host.ts"
import { formatCountdown, MESSAGES } from "../messages.ts"
import { USER_AGENT } from "../user-agent.ts"
import { cancellable } from "./cancellable.ts"

/** Time the notification with the code stays progress. Afterwards the progress dialog still shows the code. */
const NOTICE_MS = 60_000

/** Time to wait for Alma to open the browser. */
const OPEN_TIMEOUT_MS = 2_000

/**
 * Signs in with a Qwen account (RFC 8628): opens the browser, shows the user code and waits for the approval.
 * @param verify whether to check with one request that the account has a quota
 * @throws QwenAuthError as {@link startDeviceSignIn} and {@link verifyAccount}; `aborted` when the user cancels or `signal`
 *   aborts
 */
export function signInWithAccount(
  platform: Platform,
  ui: AlmaUi,
  server: AuthorizationServer,
  verify: boolean,
  signal: AbortSignal,
): Promise<OAuthCredential> {
  return cancellable(platform, ui, MESSAGES.login.progress, signal, async (progress) => {
    const signIn = await startDeviceSignIn({ platform, server, signal: progress.signal })
    const { userCode, verificationUriComplete, expiresAt } = signIn.authorization
    const opened = await open(platform, ui, verificationUriComplete)
    const notice = opened
      ? MESSAGES.login.opened(verificationUriComplete, userCode)
      : MESSAGES.login.notOpened(verificationUriComplete, userCode)
    ui.showNotification(notice, { type: "info", duration: NOTICE_MS })
    progress.show(() => MESSAGES.login.waiting(userCode, formatCountdown(expiresAt - platform.now())))
    const credential = await signIn.wait(progress.signal)
    if (verify) await verifyAccount(credential, { platform, userAgent: USER_AGENT, signal: progress.signal })
    return credential
  })
}

/** Opens `url`. Returns `false` when Alma has no `openExternal` or it failed, and `true` when it did not answer in time. */
async function open(platform: Pick<Platform, "sleep">, ui: AlmaUi, url: string): Promise<boolean> {
  if (ui.openExternal === undefined) return false
  const timer = new AbortController()
  try {
    const result = await Promise.race([ui.openExternal(url), platform.sleep(OPEN_TIMEOUT_MS, timer.signal)])
    return result !== false
  } catch {
    return false
  } finally {
    timer.abort()
  }
}
