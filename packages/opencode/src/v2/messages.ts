import type { QwenAuthError } from "qwen-auth-core"
import { type HostTexts, userMessage as hostUserMessage } from "qwen-auth-local/user-message"
import { PROVIDER_ID } from "../shared/sign-in-texts.ts"
import { METHOD_IDS } from "./sign-in/choices.ts"

const LOGIN = `opencode auth login ${PROVIDER_ID}`
const SIGN_IN = `Authentication required. Please run: ${LOGIN}`

const HOST: HostTexts = {
  authenticationRequired: SIGN_IN,
  signInAgain: SIGN_IN,
  changeKey: `Run: ${LOGIN} --method key`,
  freeTierAlternative:
    `Use Qwen Cloud (Model Studio) instead: ${LOGIN} --method ${METHOD_IDS.console} gets a pay-as-you-go key, ` +
    `${LOGIN} --method key takes one you have (Coding Plan, Token Plan, pay as you go).`,
  debugLog: "With DEBUG_QWEN_PLUGIN=1 the log has the service's own text.",
}

/** OpenCode 2 compacts the conversation if a refusal contains a certain text. This is one of those. [8 of the reference] */
const OVERFLOW = "The prompt is too long for the model. Compact the conversation, or start a new one."

/** Formats an error for a user of OpenCode 2. */
export function userMessage(error: QwenAuthError): string {
  return error.code === "context_length_exceeded" ? OVERFLOW : hostUserMessage(error, HOST)
}
