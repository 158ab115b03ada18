import { signInWithApiKey, signInWithFoundKey } from "./api-key-sign-in.ts"
import { signInThroughConsole } from "./console-sign-in.ts"
import { useExistingSignIn } from "./existing-sign-in.ts"
import type { SignInOptions, SignIns } from "./method.ts"
import { signInWithQwenAccount } from "./qwen-account-sign-in.ts"

/** Returns the sign-ins that the methods start. */
export function signIns(options: SignInOptions): SignIns {
  return {
    account: () => signInWithQwenAccount(options),
    console: (site) => signInThroughConsole(options, site),
    apiKey: (inputs) => signInWithApiKey(options, inputs),
    existing: (found) =>
      found.kind === "key" ? signInWithFoundKey(options, found.id) : useExistingSignIn(options, found.id),
  }
}
