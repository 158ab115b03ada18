import type { AuthorizationServer, OAuthCredential, Platform } from "qwen-auth-core"
import { startDeviceSignIn } from "qwen-auth-core/internal"
import type { AlmaUi } from "../host.ts"
import { formatCountdown, MESSAGES } from "../messages.ts"
import { cancellable } from "./cancellable.ts"

/** How long the code stays on the screen, ms: the progress shows it as long as it is needed. */
const NOTICE_MS = 60_000

/** An Alma that has not said by then whether it opened the address is not waited for, ms. */
const OPENING_MS = 2_000

/** Signs in with a Qwen account: the browser is opened, the code stays visible, the wait can be cancelled. */
export function signInWithAccount(
  platform: Platform,
  ui: AlmaUi,
  server: AuthorizationServer,
  signal: AbortSignal,
): Promise<OAuthCredential> {
  return cancellable(platform, ui, MESSAGES.login.progress, signal, async (visible) => {
    const signIn = await startDeviceSignIn({ platform, server, signal: visible.signal })
    const { userCode, verificationUriComplete, expiresAt } = signIn.authorization
    const opened = await open(platform, ui, verificationUriComplete)
    const notice = opened
      ? MESSAGES.login.opened(verificationUriComplete, userCode)
      : MESSAGES.login.notOpened(verificationUriComplete, userCode)
    ui.showNotification(notice, { type: "info", duration: NOTICE_MS })
    visible.show(() => MESSAGES.login.waiting(userCode, formatCountdown(expiresAt - platform.now())))
    return signIn.wait(visible.signal)
  })
}

/** True when Alma opened the address, as far as it tells: it can lack the function, fail, and never answer. */
async function open(platform: Pick<Platform, "sleep">, ui: AlmaUi, url: string): Promise<boolean> {
  if (ui.openExternal === undefined) return false
  const timer = new AbortController()
  try {
    const answer = await Promise.race([ui.openExternal(url), platform.sleep(OPENING_MS, timer.signal)])
    return answer !== false
  } catch {
    return false
  } finally {
    timer.abort()
  }
}
