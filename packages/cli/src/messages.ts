import type { QwenAuthError, QwenAuthErrorCode } from "qwen-auth-core"
import { type HostTexts, userMessage as hostUserMessage } from "qwen-auth-local/user-message"
import { EXIT } from "./exit-codes.ts"

/** What the key of the console costs. The user reads it before a browser opens. */
export const CONSOLE_KEY_COST = "requests with this key are paid as you go and can cost money"

const LOGIN = "Run: qwen-auth login"

const HOST: HostTexts = {
  authenticationRequired: `You are not signed in to Qwen. ${LOGIN}`,
  signInAgain: LOGIN,
  changeKey: `${LOGIN} --key, with --plan and --region if you know them.`,
  freeTierAlternative:
    "Use an API key instead: qwen-auth login --console gets a pay-as-you-go key in the browser, " +
    "qwen-auth login --key takes one you have (Coding Plan, Token Plan, pay as you go).",
  clientNotAllowed: "The key can be used from such an agent: qwen-auth exec -- claude",
  modelList: "Run: qwen-auth models",
  debugLog: "With --verbose the log has the service's own text.",
}

/** Formats an error for the user of the command: what happened, then what to do. */
export function userMessage(error: QwenAuthError): string {
  return hostUserMessage(error, HOST)
}

const UNREACHABLE: ReadonlySet<QwenAuthErrorCode> = new Set([
  "service_unreachable",
  "unexpected_response",
  "web_firewall",
  "certificate_not_trusted",
  "proxy_refused",
  "proxy_unusable",
  "token_refresh_unavailable",
  "rate_limited",
])

/** Returns whether an error is one of the network or of a service that may work later. */
export function isUnreachable({ code }: QwenAuthError): boolean {
  return UNREACHABLE.has(code)
}

/** Returns the exit status for an error. */
export function exitStatusOf(error: QwenAuthError): number {
  if (error.code === "aborted") return EXIT.interrupted
  return isUnreachable(error) ? EXIT.unreachable : EXIT.failed
}
