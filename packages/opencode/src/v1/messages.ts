import type { QwenAuthError } from "qwen-auth-core"
import { CODING_PLAN, PAY_AS_YOU_GO, TOKEN_PLAN } from "qwen-auth-core/internal"
import { defuseRetryTriggers } from "./retry-triggers.ts"

/** OpenCode's own provider, which this plugin adds a sign-in to. */
export const PROVIDER_ID = "alibaba"

const LOGIN = "opencode auth login"

const DEBUG_LOG = "With DEBUG_QWEN_PLUGIN=1 the log has the service's own text."

/** What a signed-out user reads. */
export const SIGN_IN = `Authentication required. Please run: ${LOGIN}`

/** What a user reads whose plan's key would go to pay as you go. */
export const PLAN_KEY =
  "OpenCode's API key for alibaba is a plan's key (sk-sp-…), which pay as you go does not accept. " +
  `Sign in with it: ${LOGIN} -p ${PROVIDER_ID} -m "Model Studio API key". In the environment use ` +
  `${CODING_PLAN.environmentVariable} or ${TOKEN_PLAN.environmentVariable} instead of ${PAY_AS_YOU_GO.environmentVariable}.`

/** What a user reads whose configuration chose the SDK for another format. */
export const ANTHROPIC_FORMAT =
  `OpenCode's configuration sets "npm": "@ai-sdk/anthropic" for ${PROVIDER_ID}, but Qwen's API takes OpenAI's format here. ` +
  `Remove "npm" from provider.${PROVIDER_ID}, and a "baseURL" that belongs to it.`

const INSTEAD =
  `Use Model Studio instead: ${LOGIN} -p ${PROVIDER_ID} -m "Model Studio account (browser)" gets a pay-as-you-go key, ` +
  `${LOGIN} -p ${PROVIDER_ID} -m "Model Studio API key" takes one you have (Coding Plan, Token Plan, pay as you go).`

/** What an OpenCode user reads for an error: OpenCode tries again what may pass, and nothing else. */
export function userMessage(error: QwenAuthError): string {
  switch (error.code) {
    case "authentication_required":
      return SIGN_IN
    case "credential_unusable":
    case "token_refresh_failed":
    case "session_expired":
      return defuseRetryTriggers(`${error.message} ${SIGN_IN}`)
    case "free_tier_ended":
      return defuseRetryTriggers(`${error.message} ${INSTEAD}`)
    case "api_key_rejected":
    case "api_key_wrong_plan":
      return defuseRetryTriggers(`${error.sentence} Run: ${LOGIN}`)
    case "model_not_available":
      return defuseRetryTriggers(`${error.sentence} Models are listed by: opencode models ${PROVIDER_ID}`)
    case "request_refused":
      return defuseRetryTriggers(`${error.sentence} ${DEBUG_LOG}`)
    case "rate_limited":
    case "service_unreachable":
    case "token_refresh_unavailable":
      return error.sentence
    default:
      return defuseRetryTriggers(error.sentence)
  }
}
