import type { QwenAuthError } from "qwen-auth-core"

/** The parts of user messages that depend on the host. Each is one or more complete sentences. */
export interface HostTexts {
  /** The whole message when no user is signed in. */
  readonly authenticationRequired: string
  /** How to sign in again when the stored sign-in no longer works. */
  readonly signInAgain: string
  /** How to sign in with another key, or with another plan for this key. */
  readonly changeKey: string
  /** What to use instead of the ended free tier. */
  readonly freeTierAlternative: string
  /** What to do when the plan does not accept this host. Default: the error's own remedy. */
  readonly clientNotAllowed?: string
  /** Where the available models are listed. */
  readonly modelList?: string
  /** How to see the service's own error text. */
  readonly debugLog: string
}

/** Formats an error for the host's user: what happened, then what to do in this host. */
export function userMessage(error: QwenAuthError, host: HostTexts): string {
  const { code, message, sentence } = error
  switch (code) {
    case "authentication_required":
      return host.authenticationRequired
    case "credential_unusable":
    case "token_refresh_failed":
    case "session_expired":
      return `${message} ${host.signInAgain}`
    case "free_tier_ended":
      return `${message} ${host.freeTierAlternative}`
    case "client_not_allowed":
      return host.clientNotAllowed === undefined ? sentence : `${message} ${host.clientNotAllowed}`
    case "api_key_rejected":
    case "api_key_wrong_plan":
    case "api_key_undetermined":
      return `${sentence} ${host.changeKey}`
    case "model_not_available":
      return host.modelList === undefined ? sentence : `${sentence} ${host.modelList}`
    case "request_refused":
      return `${sentence} ${host.debugLog}`
    default:
      return sentence
  }
}
