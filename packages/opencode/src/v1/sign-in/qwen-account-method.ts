import { METHOD_LABELS } from "../../shared/sign-in-texts.ts"
import type { MethodOptions, SignInMethod } from "./method.ts"

/** The sign-in method `Qwen Account (OAuth)`. */
export function qwenAccountMethod({ signIns }: MethodOptions): SignInMethod {
  return {
    type: "oauth",
    label: METHOD_LABELS.account,
    authorize: async () => (await signIns()).account(),
  }
}
