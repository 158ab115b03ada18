import type { SignInMethod, SignInOptions } from "./method.ts"

/** The sign-in method `Qwen Account (OAuth)`. */
export function qwenAccountMethod(options: SignInOptions): SignInMethod {
  return {
    type: "oauth",
    label: "Qwen Account (OAuth)",
    authorize: async () => (await import("../lazy.ts")).signInWithQwenAccount(options),
  }
}
