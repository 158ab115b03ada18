import { type AuthorizationServer, type Platform, QwenAuthError } from "qwen-auth-core"
import type { AlmaSignIn, AlmaUi } from "../host.ts"
import { MESSAGES, userMessage } from "../messages.ts"
import type { Settings } from "../settings.ts"
import type { SignIn } from "../storage/sign-in.ts"
import { signInWithKey } from "./api-key.ts"
import { signInWithAccount } from "./qwen-account.ts"

/** The parts of the plugin that {@link Login} uses. */
export interface LoginOptions {
  readonly platform: Platform
  readonly ui: AlmaUi
  readonly server: AuthorizationServer
  readonly signIn: SignIn
  readonly settings: Settings
}

/** The sign-in dialogs. Only one sign-in runs at a time: a new one ends the previous one. */
export class Login {
  readonly #options: LoginOptions
  #running: AbortController | undefined

  constructor(options: LoginOptions) {
    this.#options = options
  }

  /** Asks for the method, signs in, and shows the result. Never throws. */
  async start(): Promise<AlmaSignIn> {
    this.cancel()
    const attempt = new AbortController()
    this.#running = attempt
    const { ui, platform } = this.#options
    try {
      const done = await this.#signIn(attempt.signal)
      if (done === undefined) return { success: false, error: MESSAGES.login.cancelled }
      this.#show(() => ui.showNotification(done, { type: "success" }))
      return { success: true }
    } catch (error) {
      if (QwenAuthError.isInstance(error) && error.code === "aborted") {
        // The user, a new sign-in or a sign-out ended it, so no message is needed.
        return { success: false, error: MESSAGES.login.cancelled }
      }
      platform.log.error("The sign-in failed.", { error })
      const message = QwenAuthError.isInstance(error) ? userMessage(error) : MESSAGES.login.failed
      this.#show(() => ui.showError(message))
      return { success: false, error: message }
    } finally {
      if (this.#running === attempt) this.#running = undefined
    }
  }

  #show(show: () => void): void {
    try {
      show()
    } catch (error) {
      this.#options.platform.log.warn("Alma did not show a message.", { error })
    }
  }

  /** Ends the running sign-in, if there is one. */
  cancel(): void {
    this.#running?.abort()
    this.#running = undefined
  }

  /** Runs the dialogs. Returns the success message, or `undefined` when a dialog was closed. */
  async #signIn(signal: AbortSignal): Promise<string | undefined> {
    const { platform, ui, server, signIn, settings } = this.#options
    const { login } = MESSAGES
    const method = await ui.showQuickPick(
      [
        { label: login.account, description: login.accountHint, value: "account" as const },
        { label: login.key, description: login.keyHint, value: "key" as const },
      ],
      { title: login.title, placeholder: login.method },
    )
    if (!method || signal.aborted) return undefined
    if (method === "account") {
      const credential = await signInWithAccount(platform, ui, server, settings.verifySignIn(), signal)
      if (signal.aborted) return undefined
      await signIn.setCredential(credential)
      return login.done
    }
    const resolved = await signInWithKey(platform, ui, settings.region(), signal)
    if (resolved === undefined || signal.aborted) return undefined
    await signIn.setCredential(resolved.credential)
    return login.keyDone(resolved.credential, resolved.checked)
  }
}
