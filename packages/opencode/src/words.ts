import type { QwenAuthError } from "qwen-auth-core"
import { withoutRetryWords } from "./retry-words.ts"

/** OpenCode's own provider, which this plugin adds a sign-in to. */
export const PROVIDER_ID = "alibaba"

const LOGIN = "opencode auth login"

/** What a signed-out user reads. */
export const SIGN_IN = `Authentication required. Please run: ${LOGIN}`

const INSTEAD =
  `Use Model Studio instead: ${LOGIN} -p ${PROVIDER_ID} -m "Model Studio account (browser)" gets a pay-as-you-go key, ` +
  `${LOGIN} -p ${PROVIDER_ID} -m "Model Studio API key" takes one you have (Coding Plan, Token Plan, pay as you go).`

/** What an OpenCode user reads for an error: OpenCode tries again what may pass, and nothing else. */
export function words(error: QwenAuthError): string {
  switch (error.code) {
    case "authentication_required":
      return SIGN_IN
    case "credential_unusable":
    case "token_refresh_failed":
    case "session_expired":
      return withoutRetryWords(`${error.message} ${SIGN_IN}`)
    case "free_tier_ended":
      return withoutRetryWords(`${error.message} ${INSTEAD}`)
    case "api_key_rejected":
    case "api_key_misplaced":
      return withoutRetryWords(`${error.sentence} Run: ${LOGIN}`)
    case "model_not_available":
      return withoutRetryWords(`${error.sentence} Models are listed by: opencode models ${PROVIDER_ID}`)
    case "rate_limited":
    case "service_unreachable":
    case "token_refresh_unavailable":
      return error.sentence
    default:
      return withoutRetryWords(error.sentence)
  }
}
