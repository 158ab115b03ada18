import type { AuthorizationServer, OAuthCredential } from "qwen-auth-core"
import { startDeviceSignIn, verifyAccount } from "qwen-auth-core/internal"
import { formatCountdown, MESSAGES } from "../messages.ts"
import { withProgress } from "../ui/progress.ts"
import { USER_AGENT } from "../user-agent.ts"
import { waitForApproval } from "./approval.ts"
import type { SignInEnvironment } from "./environment.ts"

/**
 * Signs in with a Qwen account (RFC 8628): opens the browser, shows the user code and waits for the approval.
 * @param verify whether to check with one request that the account has a quota
 * @throws QwenAuthError as {@link startDeviceSignIn} and {@link verifyAccount}; `aborted` when the user cancels or `signal` aborts
 */
export function signInWithAccount(
  environment: SignInEnvironment,
  server: AuthorizationServer,
  verify: boolean,
  signal: AbortSignal,
): Promise<OAuthCredential> {
  const { login } = MESSAGES
  const { platform, ui } = environment
  return withProgress(platform, ui, login.progress, signal, async (progress) => {
    const signIn = await startDeviceSignIn({ platform, server, signal: progress.signal })
    const { userCode, verificationUriComplete: url, expiresAt } = signIn.authorization
    progress.show(() => login.waiting(userCode, url, formatCountdown(expiresAt - platform.now())))
    const text = (opened: boolean) => (opened ? login.opened : login.notOpened)(url, userCode)
    const credential = await waitForApproval(environment, { url, text }, progress, signIn.wait)
    if (verify) await verifyAccount(credential, { platform, userAgent: USER_AGENT, signal: progress.signal })
    return credential
  })
}
