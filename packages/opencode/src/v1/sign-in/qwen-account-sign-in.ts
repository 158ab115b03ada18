import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { startDeviceSignIn } from "qwen-auth-core/internal"
import { approveInstructions } from "../../shared/sign-in-texts.ts"
import { accountEntry } from "../host/host-record.ts"
import { beginSignIn } from "./begin-sign-in.ts"
import type { SignInOptions } from "./method.ts"

/** Signs in with the Device Authorization Grant (RFC 8628). */
export function signInWithQwenAccount(options: SignInOptions): Promise<AuthOAuthResult> {
  const { platform, services, attempts, notifyFailure } = options
  const { server, signIn, account, verifyAccount } = services
  return beginSignIn(notifyFailure, async () => {
    const signal = attempts.begin()
    const { authorization, wait } = await startDeviceSignIn({ platform, server, signal })
    return {
      url: authorization.verificationUriComplete,
      instructions: approveInstructions(authorization.userCode, (await signIn.choice()) === "qwen-code"),
      async finish() {
        const credential = await wait(signal)
        // An account without a quota is not stored: the earlier sign-in, if there is one, stays.
        await verifyAccount(credential, signal)
        await account.setCredential(credential).catch((error: unknown) => {
          // OpenCode's own record still stores it, and restores the file once it is writable.
          platform.log.warn("The sign-in could not be stored in its file.", { error })
        })
        return { type: "success", ...accountEntry(credential) }
      },
    }
  })
}
