import type { AuthHook } from "@opencode-ai/plugin"
import { apiKeyMethod } from "./api-key-method.ts"
import { consoleMethod } from "./console-method.ts"
import { existingSignInMethods } from "./existing-sign-in-method.ts"
import type { MethodOptions } from "./method.ts"
import { qwenAccountMethod } from "./qwen-account-method.ts"

/** Returns the sign-in methods. OpenCode chooses by index, so methods that depend on stored files come last. */
export function signInMethods(options: MethodOptions): AuthHook["methods"] {
  return [qwenAccountMethod(options), consoleMethod(options), apiKeyMethod(options), ...existingSignInMethods(options)]
}
