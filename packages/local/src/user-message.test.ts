import { QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { type HostTexts, userMessage } from "./user-message.ts"

const HOST: HostTexts = {
  authenticationRequired: "Please sign in.",
  signInAgain: "Sign in again here.",
  changeKey: "Change the key here.",
  freeTierAlternative: "Use a plan instead.",
  debugLog: "See the debug log.",
}

const messageFor = (code: QwenAuthErrorCode, host = HOST) =>
  userMessage(new QwenAuthError(code, "Something happened.", { remedy: "Do something." }), host)

describe("the message for a user", () => {
  it.each<[QwenAuthErrorCode, string]>([
    ["authentication_required", "Please sign in."],
    ["credential_unusable", "Something happened. Sign in again here."],
    ["token_refresh_failed", "Something happened. Sign in again here."],
    ["session_expired", "Something happened. Sign in again here."],
    ["free_tier_ended", "Something happened. Use a plan instead."],
    ["api_key_rejected", "Something happened. Do something. Change the key here."],
    ["api_key_wrong_plan", "Something happened. Do something. Change the key here."],
    ["api_key_undetermined", "Something happened. Do something. Change the key here."],
    ["request_refused", "Something happened. Do something. See the debug log."],
    ["rate_limited", "Something happened. Do something."],
    ["web_firewall", "Something happened. Do something."],
  ])("says what happened and what to do in this host: %s", (code, message) => {
    expect(messageFor(code)).toBe(message)
  })

  it("replaces the remedy for a plan that does not accept the host, if the host has its own", () => {
    expect(messageFor("client_not_allowed")).toBe("Something happened. Do something.")
    const host = { ...HOST, clientNotAllowed: "Use another plan's key." }
    expect(messageFor("client_not_allowed", host)).toBe("Something happened. Use another plan's key.")
  })

  it("adds where the models are listed, if the host lists them", () => {
    expect(messageFor("model_not_available")).toBe("Something happened. Do something.")
    const host = { ...HOST, modelList: "See the list." }
    expect(messageFor("model_not_available", host)).toBe("Something happened. Do something. See the list.")
  })
})
