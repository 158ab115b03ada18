import type { AuthHook } from "@opencode-ai/plugin"
import type { Platform } from "qwen-auth-core"
import type { ModelLists } from "qwen-auth-local/model-list-cache"
import type { Settings } from "qwen-auth-local/settings"
import type { Services } from "../services.ts"
import { apiKeyMethod } from "./api-key-method.ts"
import { consoleMethod } from "./console-method.ts"
import { existingSignInMethods } from "./existing-sign-in-method.ts"
import type { LatestAttempt } from "./latest-attempt.ts"
import { qwenAccountMethod } from "./qwen-account-method.ts"

/** What the sign-in methods need. Their ways are read when one is taken: most starts of OpenCode sign nobody in. */
export interface SignInOptions {
  readonly platform: Platform
  readonly settings: Settings
  readonly services: () => Promise<Services>
  readonly lists: ModelLists
  readonly attempts: LatestAttempt
  /** Shows a person who is not at `opencode auth login` why a sign-in failed. */
  readonly notifyFailure: (message: string) => void
}

/** The ways to sign in. OpenCode chooses by index, so those that depend on what is on disk come last. */
export function signInMethods(options: SignInOptions): AuthHook["methods"] {
  return [qwenAccountMethod(options), consoleMethod(options), apiKeyMethod(options), ...existingSignInMethods(options)]
}
