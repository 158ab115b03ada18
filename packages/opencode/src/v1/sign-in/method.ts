import type { AuthHook, AuthOAuthResult } from "@opencode-ai/plugin"
import type { Platform } from "qwen-auth-core"
import type { ExistingSignIn } from "qwen-auth-local/existing-sign-ins"
import type { ModelListCache } from "qwen-auth-local/model-list-cache"
import type { Paths } from "qwen-auth-local/paths"
import type { Settings } from "qwen-auth-local/settings"
import type { LatestAttempt } from "../../shared/latest-attempt.ts"
import type { Services } from "../services.ts"

/** A sign-in method that the plugin performs. Keys use it too, because OpenCode's own key method cannot check a key. */
export type SignInMethod = Extract<AuthHook["methods"][number], { type: "oauth" }>

type Callback = Extract<AuthOAuthResult, { method: "auto" }>["callback"]
/** The result of a sign-in, as OpenCode stores it. */
export type SignInResult = Awaited<ReturnType<Callback>>

/** The sign-ins that the methods start. */
export interface SignIns {
  account(): Promise<AuthOAuthResult>
  /** @param site the console that the user chose; the international one by default */
  console(site: string | undefined): Promise<AuthOAuthResult>
  /** @param inputs the user's answers: `key`, `endpoint`, `host` */
  apiKey(inputs: Readonly<Record<string, string>>): Promise<AuthOAuthResult>
  existing(found: ExistingSignIn): Promise<AuthOAuthResult>
}

/** Options of the list of methods. */
export interface MethodOptions {
  readonly paths: Paths
  /** The plugin option `credentials`, not validated. */
  readonly credentials: unknown
  /** Loads the code of the sign-ins when a method is chosen, because most starts need none. */
  readonly signIns: () => Promise<SignIns>
}

/** Options of the sign-ins. */
export interface SignInOptions {
  readonly platform: Platform
  readonly settings: Settings
  readonly services: Services
  readonly lists: ModelListCache
  readonly attempts: LatestAttempt
  /** Shows the message of a failed sign-in in OpenCode's interface. */
  readonly notifyFailure: (message: string) => void
}
