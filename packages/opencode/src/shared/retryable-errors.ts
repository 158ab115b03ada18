import type { QwenAuthErrorCode } from "qwen-auth-core"

/** The codes of the errors after which OpenCode should send the request again by itself. */
export const RETRYABLE: ReadonlySet<string> = new Set<QwenAuthErrorCode>([
  "rate_limited",
  "service_unreachable",
  "token_refresh_unavailable",
])
