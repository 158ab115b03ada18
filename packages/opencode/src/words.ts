import type { QwenAuthError } from "qwen-auth-core"
import { withoutRetryWords } from "./retry-words.ts"

/** OpenCode's own provider, which this plugin adds a sign-in to. */
export const PROVIDER_ID = "alibaba"

/** What a signed-out user reads. */
export const SIGN_IN = "Authentication required. Please run: opencode auth login"

/** What an OpenCode user reads for an error: OpenCode tries again what may pass, and nothing else. */
export function words(error: QwenAuthError): string {
  switch (error.code) {
    case "authentication_required":
      return SIGN_IN
    case "credential_unusable":
    case "token_refresh_failed":
    case "session_expired":
      return withoutRetryWords(`${error.message} ${SIGN_IN}`)
    case "rate_limited":
    case "service_unreachable":
    case "token_refresh_unavailable":
      return error.sentence
    default:
      return withoutRetryWords(error.sentence)
  }
}
