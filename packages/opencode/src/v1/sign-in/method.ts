import type { AuthHook, AuthOAuthResult } from "@opencode-ai/plugin"
import type { Platform } from "qwen-auth-core"
import type { ModelLists } from "qwen-auth-local/model-list-cache"
import type { Settings } from "qwen-auth-local/settings"
import type { Services } from "../services.ts"
import type { LatestAttempt } from "./latest-attempt.ts"

/** OpenCode's form of a sign-in method that the plugin conducts. Keys come this way too: its own form of them cannot check one. */
export type SignInMethod = Extract<AuthHook["methods"][number], { type: "oauth" }>

type Callback = Extract<AuthOAuthResult, { method: "auto" }>["callback"]
/** What a sign-in ends with, as OpenCode stores it. */
export type SignInResult = Awaited<ReturnType<Callback>>

/** What the sign-in methods share. */
export interface SignInOptions {
  readonly platform: Platform
  readonly settings: Settings
  readonly services: () => Promise<Services>
  readonly lists: ModelLists
  readonly attempts: LatestAttempt
  /** Shows a person who is not at `opencode auth login` why a sign-in failed. */
  readonly notifyFailure: (message: string) => void
}
