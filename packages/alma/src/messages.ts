import { type ApiEndpoint, endpointLabel, type QwenAuthError } from "qwen-auth-core"

/** Everything that a person can read of this plugin, in one place. */
export const MESSAGES = {
  provider: { name: "Qwen (Alibaba)", description: "Qwen models with your own Qwen account or Model Studio API key" },
  login: {
    title: "Sign in to Qwen",
    how: "How do you want to sign in?",
    account: "Qwen account (OAuth)",
    accountHint: "in the browser; the free tier ended on 2026-04-15",
    key: "Model Studio API key",
    keyHint: "Coding Plan, Token Plan or pay as you go",
    progress: "Signing in to Qwen",
    opened: (url: string, code: string) => `Approve in the browser (${url}) and check that it shows this code: ${code}`,
    notOpened: (url: string, code: string) => `Open ${url} and check that it shows this code: ${code}`,
    waiting: (code: string, left: string) => `Code ${code} · ${left} left`,
    done: "Signed in to Qwen.",
    cancelled: "The sign-in was cancelled.",
    failed: "The sign-in failed for a reason that the log tells (Settings: Debug log).",
    keyPrompt: "Model Studio API key",
    keyPlaceholder: "sk-…",
    where: "Where does the key belong?",
    findOut: "Find out",
    findOutHint: "asks Model Studio for the key's models",
    workspace: "Pay as you go, a workspace's own host",
    hostPrompt: "The workspace's API host",
    hostPlaceholder: "ws-….ap-southeast-1.maas.aliyuncs.com",
    checking: "Asking Model Studio where the key belongs",
    keyDone: (site: ApiEndpoint, checked: boolean) =>
      checked
        ? `Signed in to Qwen: ${endpointLabel(site)}.`
        : `The key could not be checked and is used for ${endpointLabel(site)}.`,
  },
  logout: {
    ask: "Sign out from Qwen? The stored sign-in is removed.",
    confirm: "Sign out",
    cancel: "Cancel",
    done: "Signed out from Qwen.",
    failed: "Signing out failed for a reason that the log tells (Settings: Debug log).",
  },
  status: {
    nobody: "Nobody is signed in to Qwen. Run: Login to Qwen (Alibaba)",
    account: "Signed in with a Qwen account.",
    key: (site: ApiEndpoint) => `Signed in with an API key of ${endpointLabel(site)}.`,
    validUntil: (time: string) => `The token is valid until ${time} and renews itself.`,
    renewedAt: (time: string) => `Renewed at ${time}.`,
    last: (time: string, sentence: string) => `Last error, at ${time}: ${sentence}`,
    rateLimited: "The rate limit was reached a moment ago.",
  },
  accountLabel: "Qwen account",
} as const

const LOGIN = "Run: Login to Qwen (Alibaba)"

/** What an Alma user reads for an error: what happened, and which command helps. */
export function userMessage(error: QwenAuthError): string {
  switch (error.code) {
    case "authentication_required":
      return `Authentication required. ${LOGIN}`
    case "credential_unusable":
      // A locked keychain has its own remedy, and the sign-in is kept.
      return error.remedy === undefined ? `${error.message} ${LOGIN}` : error.sentence
    case "token_refresh_failed":
    case "session_expired":
      return `${error.message} ${LOGIN}`
    case "free_tier_ended":
      return `${error.message} ${LOGIN}, and choose Model Studio API key (keys: https://modelstudio.console.alibabacloud.com)`
    case "client_not_allowed":
      return `${error.message} Use a key of the Token Plan or pay as you go. ${LOGIN}`
    case "api_key_rejected":
    case "api_key_wrong_plan":
      return `${error.sentence} ${LOGIN}`
    case "request_refused":
      return `${error.sentence} The debug log has the service's own text (Settings: Debug log).`
    default:
      return error.sentence
  }
}

/** A time of day and, for another day, the date, in the person's own way. */
export function formatTime(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString()
  return sameDay ? new Date(at).toLocaleTimeString() : new Date(at).toLocaleString()
}

/** `14:05`, minutes and seconds. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}
