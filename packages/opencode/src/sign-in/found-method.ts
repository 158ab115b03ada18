import { join } from "node:path"
import { parseCredentialJson, readTextFileSync } from "qwen-auth-core"
import type { CredentialsChoice } from "../settings/credentials-choice.ts"
import type { SignInMethod } from "./method.ts"
import type { SignInOptions } from "./methods.ts"

/**
 * The methods that start from a sign-in already on this computer, for those that there are: ours after a sign-out, and Qwen
 * Code's. Qwen Code's is not copied but shared, by its own rules: a copy would make one of the two programs lose the sign-in at the
 * next renewal. Looked at when OpenCode asks for the methods, which cannot wait.
 */
export function foundMethods(options: SignInOptions): SignInMethod[] {
  const { tokenFile, qwenCodeFolder, credentials } = options.settings
  // An option goes before what would be remembered, a wrong one too.
  const offered = (choice: CredentialsChoice) => credentials === undefined || credentials === choice
  const own = offered("own") && isSignIn(tokenFile)
  const qwenCode = offered("qwen-code") && isSignIn(join(qwenCodeFolder, "oauth_creds.json"))
  return [
    ...(own ? [foundMethod(options, "own", "Qwen Account already on this computer")] : []),
    ...(qwenCode ? [foundMethod(options, "qwen-code", "Qwen Code's sign-in (shared)")] : []),
  ]
}

function isSignIn(path: string): boolean {
  try {
    return typeof parseCredentialJson(readTextFileSync(path)) === "object"
  } catch {
    return false
  }
}

function foundMethod(options: SignInOptions, choice: CredentialsChoice, label: string): SignInMethod {
  return {
    type: "oauth",
    label,
    authorize: async () => (await import("../later.ts")).startFromFound(options, choice),
  }
}
