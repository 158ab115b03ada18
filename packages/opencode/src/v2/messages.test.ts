import { QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { describe, expect, it } from "vitest"
import { RETRYABLE } from "../shared/retryable-errors.ts"
import { userMessage } from "./messages.ts"

/** The texts in which OpenCode 2 recognises a full context. */
const OVERFLOW =
  /prompt is too long|too many tokens|token limit exceeded|exceeds the limit of \d|context length exceeded/i

const message = (code: QwenAuthErrorCode) =>
  userMessage(new QwenAuthError(code, "It happened.", { remedy: "Do this." }))

describe("OpenCode 2 decides by the text whether it compacts the conversation", () => {
  it("the message for a full context makes it compact", () => {
    expect(message("context_length_exceeded")).toMatch(OVERFLOW)
  })

  it.each([
    "authentication_required",
    "token_refresh_failed",
    "free_tier_ended",
    "quota_exhausted",
    "rate_limited",
    "api_key_rejected",
    "model_not_available",
    "request_refused",
    "web_firewall",
  ] as const)("but not for %s", (code) => {
    expect(message(code)).not.toMatch(OVERFLOW)
  })
})

it("the commands are those of OpenCode 2", () => {
  expect(message("free_tier_ended")).toContain("opencode auth login alibaba --method console")
  expect(message("api_key_rejected")).toContain("opencode auth login alibaba --method key")
  expect(message("authentication_required")).toBe("Authentication required. Please run: opencode auth login alibaba")
})

it("only temporary errors are retried", () => {
  expect([...RETRYABLE].sort()).toEqual(["rate_limited", "service_unreachable", "token_refresh_unavailable"])
})
