import { QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { retryWordIn } from "../../core/src/testing/retry-words.ts"
import { words } from "./words.ts"

const LOGIN = "Authentication required. Please run: opencode auth login"

function wordsOf(code: QwenAuthErrorCode, message: string, remedy?: string) {
  return words(new QwenAuthError(code, message, remedy === undefined ? {} : { remedy }))
}

describe("what an OpenCode user reads", () => {
  it("is the command to run when nobody is signed in", () => {
    expect(wordsOf("authentication_required", "Nobody is signed in.", "Sign in first.")).toBe(LOGIN)
  })

  it.each([
    ["credential_unusable", "The stored sign-in /x does not hold a complete sign-in.", "Sign in again."],
    ["token_refresh_failed", "Token refresh failed: no.", "Sign out and sign in again."],
    ["session_expired", "Qwen no longer accepts this sign-in.", "Sign in again."],
  ] satisfies [QwenAuthErrorCode, string, string][])(
    "is the reason and the command for %s",
    (code, message, remedy) => {
      expect(wordsOf(code, message, remedy)).toBe(`${message} ${LOGIN}`)
    },
  )

  it.each([
    ["device_code_expired", "Device code expired.", "Start the sign-in again."],
    ["authorization_denied", "Authorization denied.", "Start again."],
    ["free_tier_ended", "No quota left.", "Use a key."],
    ["rate_limited", "Too many.", "Wait a minute."],
  ] satisfies [QwenAuthErrorCode, string, string][])(
    "is what happened and what to do for %s",
    (code, message, remedy) => {
      expect(wordsOf(code, message, remedy)).toBe(`${message} ${remedy}`)
    },
  )

  it("never makes OpenCode try a hopeless request again by itself", () => {
    expect(retryWordIn(LOGIN)).toBeUndefined()
    const refused = wordsOf("request_refused", "Range of input length should be [1, 250000]. Try again later.")
    expect(retryWordIn(refused)).toBeUndefined()
    expect(refused.replaceAll("\u2060", "")).toBe("Range of input length should be [1, 250000]. Try again later.")
  })

  it("leaves OpenCode the words that make it try again what may pass", () => {
    expect(retryWordIn(wordsOf("service_unreachable", "fetch failed"))).toBe("fetch failed")
  })
})
