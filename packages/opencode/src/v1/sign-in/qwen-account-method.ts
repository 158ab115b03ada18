import { METHOD_LABELS } from "../../shared/sign-in-texts.ts"
import type { SignInMethod, SignInOptions } from "./method.ts"

/** The sign-in method `Qwen Account (OAuth)`. */
export function qwenAccountMethod(options: SignInOptions): SignInMethod {
  return {
    type: "oauth",
    label: METHOD_LABELS.account,
    authorize: async () => (await import("../lazy.ts")).signInWithQwenAccount(options),
  }
}
