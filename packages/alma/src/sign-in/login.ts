import { type AuthorizationServer, type Platform, QwenAuthError } from "qwen-auth-core"
import type { AlmaSignIn, AlmaUi } from "../host.ts"
import { MESSAGES, userMessage } from "../messages.ts"
import type { Settings } from "../settings.ts"
import type { SignIn } from "../storage/sign-in.ts"
import { signInWithKey } from "./api-key.ts"
import { signInWithAccount } from "./qwen-account.ts"

/** What signing in needs. */
export interface LoginOptions {
  readonly platform: Platform
  readonly ui: AlmaUi
  readonly server: AuthorizationServer
  readonly signIn: SignIn
  readonly settings: Settings
}

/** Signing in, one at a time: a new one ends the one before. */
export class Login {
  readonly #options: LoginOptions
  #running: AbortController | undefined

  constructor(options: LoginOptions) {
    this.#options = options
  }

  /** Asks how, signs in, and tells the person how it ended. Never throws. */
  async start(): Promise<AlmaSignIn> {
    this.cancel()
    const attempt = new AbortController()
    this.#running = attempt
    const { ui, platform } = this.#options
    try {
      const done = await this.#conduct(attempt.signal)
      if (done === undefined) return { success: false, error: MESSAGES.login.cancelled }
      this.#tell(() => ui.showNotification(done, { type: "success" }))
      return { success: true }
    } catch (error) {
      if (QwenAuthError.isInstance(error) && error.code === "aborted") {
        // The person, a new sign-in or a sign-out ended it: there is nothing to explain.
        return { success: false, error: MESSAGES.login.cancelled }
      }
      platform.log.error("The sign-in failed.", { error })
      const sentence = QwenAuthError.isInstance(error) ? userMessage(error) : MESSAGES.login.failed
      this.#tell(() => ui.showError(sentence))
      return { success: false, error: sentence }
    } finally {
      if (this.#running === attempt) this.#running = undefined
    }
  }

  #tell(show: () => void): void {
    try {
      show()
    } catch (error) {
      this.#options.platform.log.warn("Alma did not show a message.", { error })
    }
  }

  /** Ends the sign-in that runs, if one does. */
  cancel(): void {
    this.#running?.abort()
    this.#running = undefined
  }

  /** What to tell the person; undefined when a dialog was closed. */
  async #conduct(signal: AbortSignal): Promise<string | undefined> {
    const { platform, ui, server, signIn, settings } = this.#options
    const { login } = MESSAGES
    const how = await ui.showQuickPick(
      [
        { label: login.account, description: login.accountHint, value: "account" as const },
        { label: login.key, description: login.keyHint, value: "key" as const },
      ],
      { title: login.title, placeholder: login.how },
    )
    if (!how || signal.aborted) return undefined
    if (how === "account") {
      const credential = await signInWithAccount(platform, ui, server, signal)
      if (signal.aborted) return undefined
      await signIn.setCredential(credential)
      return login.done
    }
    const located = await signInWithKey(platform, ui, settings.region(), signal)
    if (located === undefined || signal.aborted) return undefined
    await signIn.setCredential(located.credential)
    return login.keyDone(located.credential, located.checked)
  }
}
