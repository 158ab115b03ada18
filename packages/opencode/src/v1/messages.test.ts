import { QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { userMessage } from "./messages.ts"
import { signInMethods } from "./sign-in/methods.ts"
import { signInSetUp } from "./testing/sign-in-set-up.ts"

const temporaryFolder = temporaryFolders()

const LOGIN = "Authentication required. Please run: opencode auth login"

/** Every code, and whether a retry may help. */
const CODES: Readonly<Record<QwenAuthErrorCode, "permanent" | "temporary">> = {
  authentication_required: "permanent",
  credential_unusable: "permanent",
  device_authorization_failed: "permanent",
  device_code_expired: "permanent",
  authorization_denied: "permanent",
  sign_in_failed: "permanent",
  token_refresh_failed: "permanent",
  token_refresh_unavailable: "temporary",
  service_unreachable: "temporary",
  unexpected_response: "permanent",
  web_firewall: "permanent",
  redirect_refused: "permanent",
  certificate_not_trusted: "permanent",
  proxy_refused: "permanent",
  proxy_unusable: "permanent",
  free_tier_ended: "permanent",
  console_sign_in_failed: "permanent",
  console_sign_in_expired: "permanent",
  api_key_malformed: "permanent",
  api_key_rejected: "permanent",
  api_key_wrong_plan: "permanent",
  api_key_undetermined: "permanent",
  client_not_allowed: "permanent",
  quota_exhausted: "permanent",
  session_expired: "permanent",
  rate_limited: "temporary",
  model_not_available: "permanent",
  context_length_exceeded: "permanent",
  endpoint_not_available: "permanent",
  request_refused: "permanent",
  invalid_endpoint: "permanent",
  credential_not_stored: "permanent",
  credential_locked: "permanent",
  sign_in_changed: "permanent",
  aborted: "permanent",
}

/** Returns the visible text. */
const visible = (text: string) => text.replaceAll("\u2060", "")

function messageFor(code: string, message: string, remedy?: string) {
  const known = Object.keys(CODES).find((each): each is QwenAuthErrorCode => each === code)
  if (known === undefined) throw new Error(`no such code: ${code}`)
  return userMessage(new QwenAuthError(known, message, remedy === undefined ? {} : { remedy }))
}

describe.each(Object.entries(CODES))("the message for %s", (code, kind) => {
  const message = "It said HTTP 500 (too many requests, request 4290)."
  const text = messageFor(code, message, "Do something.")

  it("has complete sentences", () => {
    expect(visible(text)).toMatch(/^[A-Z"].*([.)]|opencode auth login|opencode models alibaba)$/s)
    expect(text).not.toMatch(/undefined|null|\[object/)
  })

  it("contains the problem or how to sign in", () => {
    expect(visible(text)).toContain(code === "authentication_required" ? LOGIN : message)
  })

  if (kind === "permanent") {
    it("does not make OpenCode retry", () => expect(retryWordIn(text)).toBeUndefined())
  } else {
    it("is unchanged, so that OpenCode retries", () => expect(text).toBe(`${message} Do something.`))
  }
})

describe("the message for an OpenCode user", () => {
  it("is the command to run when the user is signed out", () => {
    expect(messageFor("authentication_required", "Nobody is signed in.", "Sign in first.")).toBe(LOGIN)
  })

  it.each([
    ["credential_unusable", "The stored sign-in /x does not hold a complete sign-in.", "Sign in again."],
    ["token_refresh_failed", "Token refresh failed: no.", "Sign out and sign in again."],
    ["session_expired", "Qwen no longer accepts this sign-in.", "Sign in again."],
  ])("has the reason and the command for %s", (code, message, remedy) => {
    expect(messageFor(code, message, remedy)).toBe(`${message} ${LOGIN}`)
  })

  it.each([
    ["device_code_expired", "Device code expired.", "Start the sign-in again."],
    ["authorization_denied", "Authorization denied.", "Start again."],
    ["rate_limited", "Too many.", "Wait a minute."],
    ["api_key_malformed", "This is not a valid Model Studio API key.", "A key begins with sk-."],
    ["sign_in_changed", "The sign-in was changed.", "Restart OpenCode to use it."],
  ])("has the problem and the remedy for %s", (code, message, remedy) => {
    expect(messageFor(code, message, remedy)).toBe(`${message} ${remedy}`)
  })

  it.each(["api_key_rejected", "api_key_wrong_plan", "api_key_undetermined"])(
    "ends with the command for %s",
    (code) => {
      expect(messageFor(code, "This key is of another plan.", "Choose that.")).toBe(
        "This key is of another plan. Choose that. Run: opencode auth login",
      )
    },
  )

  it("names the command that lists the models when a model is not available", () => {
    expect(messageFor("model_not_available", 'The model "x" is not available.')).toBe(
      'The model "x" is not available. Models are listed by: opencode models alibaba',
    )
  })

  it("names the two commands for a working sign-in after the free tier has ended", async () => {
    const text = messageFor("free_tier_ended", "This account has no free quota left.", "Use a key.")
    expect(text).toMatch(/^This account has no free quota left\. Use Qwen Cloud \(Model Studio\) instead: /)
    expect(text).toContain("pay-as-you-go key")
    const named = [...text.matchAll(/opencode auth login -p alibaba -m "([^"]+)"/g)].map(([, label]) => label)
    expect(named).toEqual(["Model Studio account (browser)", "Model Studio API key"])
    const methods = signInMethods(signInSetUp(await temporaryFolder()).methods)
    expect(methods.map(({ label }) => label)).toEqual(expect.arrayContaining(named))
  })

  it("never makes OpenCode retry after a permanent error", () => {
    expect(retryWordIn(LOGIN)).toBeUndefined()
    const refused = messageFor("request_refused", "Qwen's API refused the request: HTTP 400, internal_error.")
    expect(retryWordIn(refused)).toBeUndefined()
    expect(visible(refused)).toBe(
      "Qwen's API refused the request: HTTP 400, internal_error. " +
        "With DEBUG_QWEN_PLUGIN=1 the log has the service's own text.",
    )
  })

  it("keeps the retry triggers of temporary errors", () => {
    expect(retryWordIn(messageFor("service_unreachable", "fetch failed"))).toBe("fetch failed")
    expect(retryWordIn(messageFor("rate_limited", "Qwen's rate limit is reached (too many requests)."))).toBe(
      "rate limit",
    )
  })
})
