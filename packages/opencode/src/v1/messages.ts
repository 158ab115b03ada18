import type { QwenAuthError } from "qwen-auth-core"
import { CODING_PLAN, PAY_AS_YOU_GO, TOKEN_PLAN } from "qwen-auth-core/internal"
import { type HostTexts, userMessage as hostUserMessage } from "qwen-auth-local/user-message"
import { RETRYABLE } from "../shared/retryable-errors.ts"
import { METHOD_LABELS, PROVIDER_ID } from "../shared/sign-in-texts.ts"
import { defuseRetryTriggers } from "./retry-triggers.ts"

const LOGIN = "opencode auth login"

/** The message for a request of a user who is not signed in. */
export const SIGN_IN = `Authentication required. Please run: ${LOGIN}`

/** The message for a plan's key that OpenCode would send to the pay-as-you-go endpoint. */
export const PLAN_KEY =
  "OpenCode's API key for alibaba is a plan's key (sk-sp-…), which pay as you go does not accept. " +
  `Sign in with it: ${LOGIN} -p ${PROVIDER_ID} -m "${METHOD_LABELS.key}". In the environment use ` +
  `${CODING_PLAN.environmentVariable} or ${TOKEN_PLAN.environmentVariable} instead of ${PAY_AS_YOU_GO.environmentVariable}.`

/** The message for a configuration that selects the SDK for Anthropic's format. */
export const ANTHROPIC_FORMAT =
  `OpenCode's configuration sets "npm": "@ai-sdk/anthropic" for ${PROVIDER_ID}, but Qwen's API takes OpenAI's format here. ` +
  `Remove "npm" from provider.${PROVIDER_ID}, and a "baseURL" that belongs to it.`

const HOST: HostTexts = {
  authenticationRequired: SIGN_IN,
  signInAgain: SIGN_IN,
  changeKey: `Run: ${LOGIN}`,
  freeTierAlternative:
    `Use Qwen Cloud (Model Studio) instead: ${LOGIN} -p ${PROVIDER_ID} -m "${METHOD_LABELS.console}" gets a pay-as-you-go key, ` +
    `${LOGIN} -p ${PROVIDER_ID} -m "${METHOD_LABELS.key}" takes one you have (Coding Plan, Token Plan, pay as you go).`,
  modelList: `Models are listed by: opencode models ${PROVIDER_ID}`,
  debugLog: "With DEBUG_QWEN_PLUGIN=1 the log has the service's own text.",
}

/** Formats an error for an OpenCode user. OpenCode retries a request if the error's text contains certain words. */
export function userMessage(error: QwenAuthError): string {
  const message = hostUserMessage(error, HOST)
  return RETRYABLE.has(error.code) ? message : defuseRetryTriggers(message)
}
