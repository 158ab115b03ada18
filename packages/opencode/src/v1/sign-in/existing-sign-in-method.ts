import { join } from "node:path"
import { parseStoredCredential, readTextFileSync } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import type { SignInMethod, SignInOptions } from "./method.ts"

const LABELS: Readonly<Record<CredentialsChoice, string>> = {
  own: "Qwen Account already on this computer",
  "qwen-code": "Qwen Code's sign-in (shared)",
}

/** Which methods were listed, in the order in which they first were, by where the sign-ins are. */
const listedSoFar = new Map<string, Set<CredentialsChoice>>()

/**
 * The methods that start from a sign-in already on this computer: ours after a sign-out, and Qwen Code's. Qwen Code's is not
 * copied but shared, by its own rules: a copy would make one of the two programs lose the sign-in at the next renewal. Looked at
 * when OpenCode asks for the methods, which cannot wait.
 *
 * OpenCode identifies the chosen method by its index, lists the methods again to find it, and may load the plugin anew in
 * between. So a method keeps its index while this process runs: new ones go to the end, and one whose sign-in has gone stays and
 * says so when it is chosen.
 */
export function existingSignInMethods(options: SignInOptions): SignInMethod[] {
  const { tokenFile, qwenCodeFolder, credentials } = options.settings
  const places = JSON.stringify([tokenFile, qwenCodeFolder])
  const listed = listedSoFar.get(places) ?? new Set()
  listedSoFar.set(places, listed)
  // An option goes before what would be remembered, a wrong one too.
  const offered = (choice: CredentialsChoice) => credentials === undefined || credentials === choice
  if (offered("own") && isSignIn(tokenFile)) listed.add("own")
  if (offered("qwen-code") && isSignIn(join(qwenCodeFolder, "oauth_creds.json"))) listed.add("qwen-code")
  return [...listed].map((choice) => existingSignInMethod(options, choice))
}

function isSignIn(path: string): boolean {
  try {
    return typeof parseStoredCredential(readTextFileSync(path)) === "object"
  } catch {
    return false
  }
}

function existingSignInMethod(options: SignInOptions, choice: CredentialsChoice): SignInMethod {
  return {
    type: "oauth",
    label: LABELS[choice],
    authorize: async () => (await import("../lazy.ts")).useExistingSignIn(options, choice),
  }
}
