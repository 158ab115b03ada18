import { type ApiEndpoint, endpointLabel, type QwenAuthError } from "qwen-auth-core"
import { KEY_PAGES } from "qwen-auth-core/internal"
import { type HostTexts, userMessage as hostUserMessage } from "qwen-auth-local/user-message"

const SEE_LOG = "See the log for details. To log more, turn on Debug log in the plugin's settings."

/** All texts that the plugin shows in Alma, except the messages of errors. */
export const MESSAGES = {
  provider: {
    name: "Qwen (Alibaba)",
    description: "Qwen models with your own Qwen account or Qwen Cloud (Model Studio) API key",
  },
  login: {
    title: "Sign in to Qwen",
    method: "How do you want to sign in?",
    account: "Qwen account (OAuth)",
    accountHint: "in the browser; the free tier ended on 2026-04-15",
    inPlaceDone: "Signed in to Qwen with the sign-in that is already on this computer.",
    browser: "Model Studio account (browser)",
    browserHint: "creates a pay-as-you-go key; requests can cost money",
    console: {
      where: "Where is your Alibaba Cloud account?",
      cost: "The key is paid as you go: requests can cost money.",
      sites: {
        international: { label: "International", description: "modelstudio.console.alibabacloud.com" },
        china: { label: "China", description: "bailian.console.aliyun.com" },
      },
      opened: (url: string) =>
        `Sign in and approve in the browser on this computer; if it asks to reach apps on this device, allow it: ${url}`,
      notOpened: (url: string) =>
        `Open this address in a browser on this computer, then sign in and approve; if the browser asks to reach apps on this device, allow it: ${url}`,
      waiting: (url: string) => `Waiting for your approval in the browser · ${url}`,
    },
    key: "Model Studio API key",
    keyHint: "Coding Plan, Token Plan or pay as you go",
    progress: "Signing in to Qwen",
    opened: (url: string, code: string) => `Approve in the browser (${url}) and check that it shows this code: ${code}`,
    notOpened: (url: string, code: string) => `Open ${url} and check that it shows this code: ${code}`,
    /** For the dialog, which Alma cannot close. */
    dialogEnds: "Alma says when you are signed in. Then close this dialog.",
    openAgain: "Open the page again",
    cancel: "Cancel sign-in",
    cancelByCommand: "To cancel, run: Login to Qwen (Alibaba), and close its dialog.",
    waiting: (code: string, url: string, left: string) => `Code ${code} · ${left} left · ${url}`,
    done: "Signed in to Qwen.",
    cancelled: "The sign-in was cancelled.",
    failed: `The sign-in failed. ${SEE_LOG}`,
    keyPrompt: "Qwen Cloud (Model Studio) API key",
    keyPlaceholder: "sk-…",
    endpoint: "Which plan and region is this key for?",
    detect: "Detect automatically",
    detectHint: "asks Qwen Cloud (Model Studio) without using quota",
    workspace: "The API address that the console shows",
    hostPrompt: "API host or base URL, as the console shows it",
    hostPlaceholder: "ws-….ap-southeast-1.maas.aliyuncs.com",
    checking: "Checking the key with Qwen Cloud (Model Studio)",
    keyDone: (endpoint: ApiEndpoint, checked: boolean) =>
      checked
        ? `Signed in to Qwen: ${endpointLabel(endpoint)}.`
        : `Signed in to Qwen: ${endpointLabel(endpoint)}. The key could not be checked.`,
  },
  logout: {
    ask: "Sign out of Qwen? This removes the stored sign-in.",
    confirm: "Sign out",
    cancel: "Cancel",
    done: "Signed out of Qwen.",
    failed: `The sign-out failed. ${SEE_LOG}`,
  },
  status: {
    signedOut: "You are not signed in to Qwen. Run: Login to Qwen (Alibaba)",
    account: "Signed in with a Qwen account.",
    key: (endpoint: ApiEndpoint) => `Signed in with an API key for ${endpointLabel(endpoint)}.`,
    validUntil: (time: string) => `The token is valid until ${time} and is refreshed automatically.`,
    refreshedAt: (time: string) => `The token was last refreshed at ${time}.`,
    lastError: (time: string, sentence: string) => `Last error (${time}): ${sentence}`,
    rateLimited: "The rate limit was reached in the last minute.",
  },
  accountLabel: "Qwen account",
} as const

const LOGIN = "Run: Login to Qwen (Alibaba)"

const HOST: HostTexts = {
  authenticationRequired: `Authentication required. ${LOGIN}`,
  signInAgain: LOGIN,
  changeKey: LOGIN,
  freeTierAlternative: `${LOGIN}, and choose Model Studio API key (keys: ${KEY_PAGES.international})`,
  clientNotAllowed: `Use a Token Plan or pay-as-you-go key. ${LOGIN}`,
  debugLog: "The debug log has the service's own text (Settings: Debug log).",
}

/** Formats an error for an Alma user: what happened, then what to do, with the command that helps. */
export function userMessage(error: QwenAuthError): string {
  // With a remedy the keychain is locked and the sign-in is kept, so signing in again would not help.
  if (error.code === "credential_unusable" && error.remedy !== undefined) return error.sentence
  return hostUserMessage(error, HOST)
}

/**
 * Formats a time in the user's locale; the date is included only when it differs from today's.
 * @param at epoch ms
 * @param now epoch ms
 */
export function formatTime(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString()
  return sameDay ? new Date(at).toLocaleTimeString() : new Date(at).toLocaleString()
}

/** Formats a duration in ms as minutes and seconds, for example `14:05`. A negative duration is `0:00`. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}
