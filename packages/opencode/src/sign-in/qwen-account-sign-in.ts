import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { type DeviceSignIn, startDeviceSignIn } from "qwen-auth-core"
import { accountEntry } from "../credentials/host-record.ts"
import { once, type SignInResult } from "./method.ts"
import type { SignInOptions } from "./methods.ts"
import { told } from "./told.ts"

/** The Device Authorization Grant. Failures are thrown with their reason, because OpenCode shows nothing else. */
export async function signInWithQwenAccount(options: SignInOptions): Promise<AuthOAuthResult> {
  const signal = options.attempts.begin()
  const { server, signIn: stored } = await options.workshop()
  const signIn = await told(startDeviceSignIn(options.world, server, signal), options.tell)
  const { userCode, verificationUriComplete } = signIn.authorization
  const shared =
    (await stored.choice()) === "qwen-code" ? "Qwen Code, which shares this sign-in, gets the account too. " : ""
  return {
    url: verificationUriComplete,
    // OpenCode's interface copies a code it finds here.
    instructions: `${shared}Approve in the browser and check that it shows this code: ${userCode}`,
    method: "auto",
    callback: once(() => told(finish(options, signIn, signal), options.tell)),
  }
}

async function finish(
  { world, workshop }: SignInOptions,
  signIn: DeviceSignIn,
  signal: AbortSignal,
): Promise<SignInResult> {
  const credential = await signIn.wait(signal)
  const { account } = await workshop()
  await account.adopt(credential).catch((error: unknown) => {
    // OpenCode's own record still gets it, and seeds the file when that can be written again.
    world.log.warn("The sign-in could not be stored in its file.", { error })
  })
  return { type: "success", ...accountEntry(credential) }
}
