import type { CredentialsChoice } from "qwen-auth-local/credentials-choice"
import { existingSignIns } from "qwen-auth-local/existing-sign-ins"
import type { SignInMethod, SignInOptions } from "./method.ts"

const LABELS: Readonly<Record<CredentialsChoice, string>> = {
  own: "Qwen Account already on this computer",
  "qwen-code": "Qwen Code's sign-in (shared)",
}

/** The methods listed so far, in the order of their first listing, by the paths of the sign-ins. */
const listedSoFar = new Map<string, Set<CredentialsChoice>>()

/**
 * Returns the methods that use a sign-in already on this computer: the plugin's own after a sign-out, and Qwen Code's.
 * Qwen Code's is shared, not copied: with a copy, one of the two programs would lose the sign-in at the next refresh.
 *
 * OpenCode identifies the chosen method by its index, lists the methods again to find it, and may reload the plugin in
 * between. So a method keeps its index while this process runs: new methods are added at the end, and a method whose
 * sign-in was removed stays and reports that when it is chosen.
 */
export function existingSignInMethods(options: SignInOptions): SignInMethod[] {
  const { tokenFile, qwenCodeFolder, credentials } = options.settings
  const paths = JSON.stringify([tokenFile, qwenCodeFolder])
  const listed = listedSoFar.get(paths) ?? new Set()
  listedSoFar.set(paths, listed)
  // The plugin option takes precedence over the stored choice, even if it is invalid.
  const offered = (choice: CredentialsChoice) => credentials === undefined || credentials === choice
  for (const choice of existingSignIns(options.settings)) if (offered(choice)) listed.add(choice)
  return [...listed].map((choice) => existingSignInMethod(options, choice))
}

function existingSignInMethod(options: SignInOptions, choice: CredentialsChoice): SignInMethod {
  return {
    type: "oauth",
    label: LABELS[choice],
    authorize: async () => (await import("../lazy.ts")).useExistingSignIn(options, choice),
  }
}
