import type { QwenAuthError } from "qwen-auth-core"

/** OpenCode's own provider, which this plugin adds a sign-in to. */
export const PROVIDER_ID = "alibaba"

/** What a signed-out user reads. */
export const SIGN_IN = "Authentication required. Please run: opencode auth login"

/**
 * What an OpenCode user reads for an error. OpenCode retries whatever contains its retry words ("429", "500", "rate limit",
 * "fetch failed", …), so texts for hopeless conditions are free of them.
 */
export function words(error: QwenAuthError): string {
  switch (error.code) {
    case "authentication_required":
      return error.remedy === "Sign in first." ? SIGN_IN : `${error.message} ${SIGN_IN}`
    case "token_refresh_failed":
    case "session_expired":
      return `${error.message} ${SIGN_IN}`
    default:
      return error.sentence
  }
}
