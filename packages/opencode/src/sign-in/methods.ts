import type { AuthHook } from "@opencode-ai/plugin"
import type { World } from "qwen-auth-core"
import type { ModelLists } from "../models/model-lists.ts"
import type { Settings } from "../settings/settings.ts"
import type { Workshop } from "../workshop.ts"
import { apiKeyMethod } from "./api-key-method.ts"
import { consoleMethod } from "./console-method.ts"
import { foundMethods } from "./found-method.ts"
import type { OneAtATime } from "./one-at-a-time.ts"
import { qwenAccountMethod } from "./qwen-account-method.ts"

/** What the sign-in methods need. Their ways are read when one is taken: most starts of OpenCode sign nobody in. */
export interface SignInOptions {
  readonly world: World
  readonly settings: Settings
  readonly workshop: () => Promise<Workshop>
  readonly lists: ModelLists
  readonly attempts: OneAtATime
  /** Shows a person who is not at `opencode auth login` why a sign-in failed. */
  readonly tell: (message: string) => void
}

/** The ways to sign in. OpenCode chooses by index, so those that depend on what is on disk come last. */
export function signInMethods(options: SignInOptions): AuthHook["methods"] {
  return [qwenAccountMethod(options), consoleMethod(options), apiKeyMethod(options), ...foundMethods(options)]
}
