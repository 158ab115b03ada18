import type { Platform } from "qwen-auth-core"
import type { AlmaUi } from "../host.ts"
import type { OpenInBrowser } from "../ui/browser.ts"

/** What every way to sign in uses. */
export interface SignInEnvironment {
  readonly platform: Platform
  readonly ui: AlmaUi
  readonly openInBrowser: OpenInBrowser
}
