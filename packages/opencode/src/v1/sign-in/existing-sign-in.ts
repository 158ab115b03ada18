import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { type OAuthCredential, QwenAuthError } from "qwen-auth-core"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import { storeCredentialsChoice } from "qwen-auth-local/store-credentials-choice"
import { EXISTING_SIGN_IN } from "../../shared/sign-in-texts.ts"
import { accountEntry } from "../host/host-record.ts"
import { beginSignIn } from "./begin-sign-in.ts"
import type { SignInOptions } from "./method.ts"

/**
 * Signs in with a sign-in that is already on this computer, and stores the choice for later starts.
 * @param choice which sign-in is used from now on
 */
export function useExistingSignIn(options: SignInOptions, choice: CredentialsChoice): Promise<AuthOAuthResult> {
  return beginSignIn(options.notifyFailure, async () => {
    options.attempts.begin()
    const credential = await choose(options, choice)
    return { instructions: EXISTING_SIGN_IN, finish: async () => ({ type: "success", ...accountEntry(credential) }) }
  })
}

async function choose(options: SignInOptions, choice: CredentialsChoice): Promise<OAuthCredential> {
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
  if (credential === undefined) throw problem ?? signInRemovedError()
  const usable = await storedAccount().getCredential()
  if (usable.type !== "oauth") throw signInRemovedError()
  return usable
}

/** Returns the error for a sign-in that was listed and is no longer there. */
export function signInRemovedError(): QwenAuthError {
  return new QwenAuthError("sign_in_failed", "The sign-in is no longer on this computer.", {
    remedy: "Choose another way to sign in.",
  })
}
