import { existsSync } from "node:fs"
import type { AuthOAuthResult } from "@opencode-ai/plugin"
import { type OAuthCredential, QwenAuthError } from "qwen-auth-core"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import { readJsonFile, writeJsonFile } from "qwen-auth-local/json-file"
import { memoized } from "qwen-auth-local/memoized"
import { accountEntry } from "../host/host-record.ts"
import type { SignInOptions } from "./method.ts"
import { withUserMessage } from "./with-user-message.ts"

/** @param choice whose sign-in is used from now on */
export async function useExistingSignIn(options: SignInOptions, choice: CredentialsChoice): Promise<AuthOAuthResult> {
  options.attempts.begin()
  const credential = await withUserMessage(start(options, choice), options.notifyFailure)
  return {
    url: "",
    instructions: "The sign-in on this computer is used; no browser is needed.",
    method: "auto",
    // OpenCode can ask twice for the end of one sign-in.
    callback: memoized(async () => ({ type: "success", ...accountEntry(credential) })),
  }
}

async function start(options: SignInOptions, choice: CredentialsChoice): Promise<OAuthCredential> {
  const { signIn } = await options.services()
  const before = await signIn.choice()
  if (before === choice) return usable(options)
  signIn.use(choice)
  try {
    const credential = await usable(options)
    await remember(options.settings.authConfigFile, choice)
    return credential
  } catch (error) {
    signIn.use(before)
    throw error
  }
}

async function usable({ services }: SignInOptions): Promise<OAuthCredential> {
  const { signIn, storedAccount: starter } = await services()
  const { credential, problem } = await signIn.store.read()
  if (credential === undefined) throw problem ?? gone()
  const usable = await starter().getCredential()
  if (usable.type !== "oauth") throw gone()
  return usable
}

/** The choice holds for the next start too. What else stands in the configuration stays. */
async function remember(path: string, choice: CredentialsChoice): Promise<void> {
  const present = existsSync(path) ? await readJsonFile(path) : {}
  if (typeof present !== "object" || present === null || Array.isArray(present))
    throw notRemembered(path, "not a JSON object")
  await writeJsonFile(path, { ...present, credentials: choice }, { parents: true }).catch((error: unknown) => {
    throw notRemembered(path, error instanceof Error && "code" in error ? String(error.code) : "unknown error", error)
  })
}

function notRemembered(path: string, why: string, cause?: unknown): QwenAuthError {
  return new QwenAuthError("credential_not_stored", `The choice could not be written to ${path} (${why}).`, {
    remedy: "Correct or remove that file, then sign in again.",
    ...(cause === undefined ? {} : { cause }),
  })
}

function gone(): QwenAuthError {
  return new QwenAuthError("sign_in_failed", "The sign-in is no longer on this computer.", {
    remedy: "Choose another way to sign in.",
  })
}
