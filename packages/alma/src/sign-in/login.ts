import { type AuthorizationServer, type Credential, QwenAuthError } from "qwen-auth-core"
import type { ExistingSignIn } from "qwen-auth-local/existing-sign-ins"
import type { AlmaSignIn } from "../host.ts"
import { MESSAGES, userMessage } from "../messages.ts"
import type { Settings } from "../settings.ts"
import type { FilesInPlace } from "../storage/files-in-place.ts"
import type { SignIn } from "../storage/sign-in.ts"
import { choose } from "../ui/dialogs.ts"
import { almaNotices } from "../ui/notices.ts"
import { type CheckedKey, checkKey, signInWithKey } from "./api-key.ts"
import { signInThroughConsole } from "./console.ts"
import type { SignInEnvironment } from "./environment.ts"
import { signInWithAccount } from "./qwen-account.ts"

/** The parts of the plugin that {@link Login} uses. */
export interface LoginOptions extends SignInEnvironment {
  readonly server: AuthorizationServer
  readonly signIn: SignIn
  readonly files: FilesInPlace
  readonly settings: Settings
}

/** The id of a key in this project's own file, which is used in place. */
const OWN_KEY = "own-key"

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
    const notices = almaNotices(ui, platform.log)
    try {
      const done = await this.#signIn(attempt.signal)
      if (done === undefined) return { success: false, error: MESSAGES.login.cancelled }
      notices.success(done)
      return { success: true }
    } catch (error) {
      if (QwenAuthError.isInstance(error) && error.code === "aborted") {
        // The user, a new sign-in or a sign-out ended it, so no message is needed.
        return { success: false, error: MESSAGES.login.cancelled }
      }
      platform.log.error("The sign-in failed.", { error })
      const message = QwenAuthError.isInstance(error) ? userMessage(error) : MESSAGES.login.failed
      notices.error(message)
      return { success: false, error: message }
    } finally {
      if (this.#running === attempt) this.#running = undefined
    }
  }

  /** Ends the running sign-in, if there is one. */
  cancel(): void {
    this.#running?.abort()
    this.#running = undefined
  }

  /** Runs the dialogs. Returns the success message, or `undefined` when a dialog was closed. */
  async #signIn(signal: AbortSignal): Promise<string | undefined> {
    const { server, settings } = this.#options
    const method = await this.#askForMethod()
    if (method === undefined || signal.aborted) return undefined
    switch (method) {
      case "account": {
        const credential = await signInWithAccount(this.#options, server, settings.verifySignIn(), signal)
        return this.#store(signal, credential, MESSAGES.login.done)
      }
      case "console":
        return this.#storeKey(signal, await signInThroughConsole(this.#options, settings.region(), signal))
      case "key":
        return this.#storeKey(signal, await signInWithKey(this.#options, settings.region(), signal))
      default:
        return this.#useExisting(method, signal)
    }
  }

  /** Uses this project's own sign-in or an account in place. Another program's key is copied, because the user chose it. */
  async #useExisting({ kind, id }: ExistingSignIn, signal: AbortSignal): Promise<string | undefined> {
    const { signIn, files } = this.#options
    const { login } = MESSAGES
    if (!files.existing().some((existing) => existing.id === id)) throw signInRemovedError()
    if (kind === "account" || id === OWN_KEY) {
      await signIn.useInPlace(kind === "account" ? id : "own")
      return login.inPlaceDone
    }
    const stored = files.key(id)
    if (stored === undefined) throw signInRemovedError()
    const { apiKey, endpoint, hint } = stored
    const known = endpoint === undefined ? (hint ?? {}) : { endpoint }
    return this.#storeKey(signal, await checkKey(this.#options, apiKey, known, signal))
  }

  #askForMethod() {
    const { ui, files } = this.#options
    const { login } = MESSAGES
    return choose<"account" | "console" | "key" | ExistingSignIn>(
      ui,
      [
        ...files.existing().map((existing) => ({ label: existing.label, value: existing })),
        { label: login.account, description: login.accountHint, value: "account" },
        { label: login.browser, description: login.browserHint, value: "console" },
        { label: login.key, description: login.keyHint, value: "key" },
      ],
      { title: login.title, placeholder: login.method },
    )
  }

  async #storeKey(signal: AbortSignal, key: CheckedKey | undefined): Promise<string | undefined> {
    if (key === undefined) return undefined
    return this.#store(signal, key.credential, MESSAGES.login.keyDone(key.credential, key.checked))
  }

  /** Stores the credential and returns the success message, unless the sign-in was cancelled. */
  async #store(signal: AbortSignal, credential: Credential, done: string): Promise<string | undefined> {
    if (signal.aborted) return undefined
    await this.#options.signIn.setCredential(credential)
    return done
  }
}

function signInRemovedError(): QwenAuthError {
  return new QwenAuthError("sign_in_failed", "The sign-in is no longer on this computer.", {
    remedy: "Choose another way to sign in.",
  })
}
