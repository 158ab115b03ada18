import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { type DeviceSignIn, startDeviceSignIn } from "qwen-auth-core/internal"
import { memoized } from "qwen-auth-local/memoized"
import { accountEntry } from "../host/host-record.ts"
import type { SignInOptions, SignInResult } from "./method.ts"
import { withUserMessage } from "./with-user-message.ts"

/** The Device Authorization Grant. Failures are thrown with their reason, because OpenCode shows nothing else. */
export async function signInWithQwenAccount(options: SignInOptions): Promise<AuthOAuthResult> {
  const signal = options.attempts.begin()
  const { server, signIn: stored } = await options.services()
  const signIn = await withUserMessage(
    startDeviceSignIn({ platform: options.platform, server, signal }),
    options.notifyFailure,
  )
  const { userCode, verificationUriComplete } = signIn.authorization
  const shared =
    (await stored.choice()) === "qwen-code" ? "Qwen Code, which shares this sign-in, gets the account too. " : ""
  return {
    url: verificationUriComplete,
    // OpenCode's interface copies a code it finds here.
    instructions: `${shared}Approve in the browser and check that it shows this code: ${userCode}`,
    method: "auto",
    // OpenCode can ask twice for the end of one sign-in.
    callback: memoized(() => withUserMessage(finish(options, signIn, signal), options.notifyFailure)),
  }
}

async function finish(
  { platform, services }: SignInOptions,
  signIn: DeviceSignIn,
  signal: AbortSignal,
): Promise<SignInResult> {
  const credential = await signIn.wait(signal)
  const { account } = await services()
  await account.setCredential(credential).catch((error: unknown) => {
    // OpenCode's own record still gets it, and seeds the file when that can be written again.
    platform.log.warn("The sign-in could not be stored in its file.", { error })
  })
  return { type: "success", ...accountEntry(credential) }
}
