import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { type DeviceSignIn, startDeviceSignIn } from "qwen-auth-core/internal"
import { memoized } from "qwen-auth-local/memoized"
import { approveInstructions } from "../../shared/sign-in-texts.ts"
import { accountEntry } from "../host/host-record.ts"
import type { SignInOptions, SignInResult } from "./method.ts"
import { withUserMessage } from "./with-user-message.ts"

/**
 * Signs in with the Device Authorization Grant (RFC 8628).
 * @throws Error whose message is complete, because OpenCode shows nothing else
 */
export async function signInWithQwenAccount(options: SignInOptions): Promise<AuthOAuthResult> {
  const signal = options.attempts.begin()
  const { server, signIn: stored } = options.services
  const signIn = await withUserMessage(
    startDeviceSignIn({ platform: options.platform, server, signal }),
    options.notifyFailure,
  )
  const { userCode, verificationUriComplete } = signIn.authorization
  const shared =
    (await stored.choice()) === "qwen-code" ? "Qwen Code, which shares this sign-in, gets the account too. " : ""
  return {
    url: verificationUriComplete,
    instructions: `${shared}${approveInstructions(userCode)}`,
    method: "auto",
    // OpenCode may call back twice for one sign-in.
    callback: memoized(() => withUserMessage(finish(options, signIn, signal), options.notifyFailure)),
  }
}

async function finish(
  { platform, services }: SignInOptions,
  signIn: DeviceSignIn,
  signal: AbortSignal,
): Promise<SignInResult> {
  const credential = await signIn.wait(signal)
  const { account, verifyAccount } = services
  // An account without a quota is not stored: the earlier sign-in, if there is one, stays.
  await verifyAccount(credential, signal)
  await account.setCredential(credential).catch((error: unknown) => {
    // OpenCode's own record still stores it, and restores the file once it is writable.
    platform.log.warn("The sign-in could not be stored in its file.", { error })
  })
  return { type: "success", ...accountEntry(credential) }
}
