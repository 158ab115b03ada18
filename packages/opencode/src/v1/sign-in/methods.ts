import type { AuthHook } from "@opencode-ai/plugin"
import { CONSOLE_SITE, METHOD_LABELS } from "../../shared/sign-in-texts.ts"
import { apiKeyMethod } from "./api-key-method.ts"
import { existingSignInMethods } from "./existing-sign-in-method.ts"
import type { MethodOptions, SignInMethod } from "./method.ts"

/** Returns the sign-in methods. OpenCode chooses by index, so methods that depend on stored files come last. */
export function signInMethods(options: MethodOptions): AuthHook["methods"] {
  return [accountMethod(options), consoleMethod(options), apiKeyMethod(options), ...existingSignInMethods(options)]
}

/** The sign-in method `Qwen Account (OAuth)`. */
export function accountMethod({ signIns }: MethodOptions): SignInMethod {
  return { type: "oauth", label: METHOD_LABELS.account, authorize: async () => (await signIns()).account() }
}

/**
 * The sign-in method `Model Studio account (browser)`: the console sends a key to this computer, so the user need not
 * copy one.
 */
export function consoleMethod({ signIns }: MethodOptions): SignInMethod {
  const site = CONSOLE_SITE
  return {
    type: "oauth",
    label: METHOD_LABELS.console,
    prompts: [{ type: "select", key: "site", message: site.question, options: [...site.choices] }],
    authorize: async (inputs) => (await signIns()).console(inputs?.["site"]),
  }
}
