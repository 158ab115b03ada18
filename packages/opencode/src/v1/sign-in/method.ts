import type { AuthHook, AuthOAuthResult } from "@opencode-ai/plugin"
import type { Platform } from "qwen-auth-core"
import type { ModelLists } from "qwen-auth-local/model-list-cache"
import type { Settings } from "qwen-auth-local/settings"
import type { LatestAttempt } from "../../shared/latest-attempt.ts"
import type { Services } from "../services.ts"

/** A sign-in method that the plugin performs. Keys use it too, because OpenCode's own key method cannot check a key. */
export type SignInMethod = Extract<AuthHook["methods"][number], { type: "oauth" }>

type Callback = Extract<AuthOAuthResult, { method: "auto" }>["callback"]
/** The result of a sign-in, as OpenCode stores it. */
export type SignInResult = Awaited<ReturnType<Callback>>

/** Options of the sign-in methods. The code of a method is loaded when it is chosen, because most starts need none. */
export interface SignInOptions {
  readonly platform: Platform
  readonly settings: Settings
  readonly services: () => Promise<Services>
  readonly lists: ModelLists
  readonly attempts: LatestAttempt
  /** Shows a person who is not at `opencode auth login` why a sign-in failed. */
  readonly notifyFailure: (message: string) => void
}
