import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { type OAuthCredential, QwenAuthError } from "qwen-auth-core"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import { memoized } from "qwen-auth-local/memoized"
import { storeCredentialsChoice } from "qwen-auth-local/store-credentials-choice"
import { EXISTING_SIGN_IN } from "../../shared/sign-in-texts.ts"
import { accountEntry } from "../host/host-record.ts"
import type { SignInOptions } from "./method.ts"
import { withUserMessage } from "./with-user-message.ts"

/**
 * Signs in with a sign-in that is already on this computer, and stores the choice for later starts.
 * @param choice which sign-in is used from now on
 * @throws Error whose message tells the user why it cannot be used
 */
export async function useExistingSignIn(options: SignInOptions, choice: CredentialsChoice): Promise<AuthOAuthResult> {
  options.attempts.begin()
  const credential = await withUserMessage(start(options, choice), options.notifyFailure)
  return {
    url: "",
    instructions: EXISTING_SIGN_IN,
    method: "auto",
    // OpenCode may call back twice for one sign-in.
    callback: memoized(async () => ({ type: "success", ...accountEntry(credential) })),
  }
}

async function start(options: SignInOptions, choice: CredentialsChoice): Promise<OAuthCredential> {
  const { signIn } = options.services
  const before = await signIn.choice()
  if (before === choice) return usableCredential(options)
  signIn.use(choice)
  try {
    const credential = await usableCredential(options)
    await storeCredentialsChoice(options.settings.authConfigFile, choice)
    return credential
  } catch (error) {
    signIn.use(before)
    throw error
  }
}

async function usableCredential({ services }: SignInOptions): Promise<OAuthCredential> {
  const { signIn, storedAccount } = services
  const { credential, problem } = await signIn.store.read()
  if (credential === undefined) throw problem ?? signInRemoved()
  const usable = await storedAccount().getCredential()
  if (usable.type !== "oauth") throw signInRemoved()
  return usable
}

/** Returns the error for a sign-in that was listed and is no longer there. */
export function signInRemoved(): QwenAuthError {
  return new QwenAuthError("sign_in_failed", "The sign-in is no longer on this computer.", {
    remedy: "Choose another way to sign in.",
  })
}
