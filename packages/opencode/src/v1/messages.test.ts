import { QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { retryWordIn } from "qwen-auth-testing/retry-triggers"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import { userMessage } from "./messages.ts"
import { signInMethods } from "./sign-in/methods.ts"
import { signInSetUp } from "./testing/sign-in-set-up.ts"

const temporaryFolder = temporaryFolders()

const LOGIN = "Authentication required. Please run: opencode auth login"

/** Every code, and whether trying again by itself may help. */
const CODES: Readonly<Record<QwenAuthErrorCode, "hopeless" | "passing">> = {
  authentication_required: "hopeless",
  credential_unusable: "hopeless",
  device_authorization_failed: "hopeless",
  device_code_expired: "hopeless",
  authorization_denied: "hopeless",
  sign_in_failed: "hopeless",
  token_refresh_failed: "hopeless",
  token_refresh_unavailable: "passing",
  service_unreachable: "passing",
  unexpected_response: "hopeless",
  web_firewall: "hopeless",
  redirect_refused: "hopeless",
  certificate_not_trusted: "hopeless",
  proxy_refused: "hopeless",
  proxy_unusable: "hopeless",
  free_tier_ended: "hopeless",
  console_sign_in_failed: "hopeless",
  console_sign_in_expired: "hopeless",
  api_key_malformed: "hopeless",
  api_key_rejected: "hopeless",
  api_key_wrong_plan: "hopeless",
  client_not_allowed: "hopeless",
  quota_exhausted: "hopeless",
  session_expired: "hopeless",
  rate_limited: "passing",
  model_not_available: "hopeless",
  context_length_exceeded: "hopeless",
  request_refused: "hopeless",
  invalid_endpoint: "hopeless",
  credential_not_stored: "hopeless",
  credential_locked: "hopeless",
  sign_in_changed: "hopeless",
  aborted: "hopeless",
}

/** As a person sees it. */
const asRead = (text: string) => text.replaceAll("\u2060", "")

function wordsOf(code: string, message: string, remedy?: string) {
  const known = Object.keys(CODES).find((each): each is QwenAuthErrorCode => each === code)
  if (known === undefined) throw new Error(`no such code: ${code}`)
  return userMessage(new QwenAuthError(known, message, remedy === undefined ? {} : { remedy }))
}

describe.each(Object.entries(CODES))("the words for %s", (code, kind) => {
  const message = "It said HTTP 500 (too many requests, request 4290)."
  const told = wordsOf(code, message, "Do something.")

  it("are whole sentences", () => {
    expect(asRead(told)).toMatch(/^[A-Z"].*([.)]|opencode auth login|opencode models alibaba)$/s)
    expect(told).not.toMatch(/undefined|null|\[object/)
  })

  it("say what happened or how to sign in", () => {
    expect(asRead(told)).toContain(code === "authentication_required" ? LOGIN : message)
  })

  if (kind === "hopeless") {
    it("do not make OpenCode try again by itself", () => expect(retryWordIn(told)).toBeUndefined())
  } else {
    it("are untouched, so that OpenCode tries again", () => expect(told).toBe(`${message} Do something.`))
  }
})

describe("what an OpenCode user reads", () => {
  it("is the command to run when nobody is signed in", () => {
    expect(wordsOf("authentication_required", "Nobody is signed in.", "Sign in first.")).toBe(LOGIN)
  })

  it.each([
    ["credential_unusable", "The stored sign-in /x does not hold a complete sign-in.", "Sign in again."],
    ["token_refresh_failed", "Token refresh failed: no.", "Sign out and sign in again."],
    ["session_expired", "Qwen no longer accepts this sign-in.", "Sign in again."],
  ])("is the reason and the command for %s", (code, message, remedy) => {
    expect(wordsOf(code, message, remedy)).toBe(`${message} ${LOGIN}`)
  })

  it.each([
    ["device_code_expired", "Device code expired.", "Start the sign-in again."],
    ["authorization_denied", "Authorization denied.", "Start again."],
    ["rate_limited", "Too many.", "Wait a minute."],
    ["api_key_malformed", "This is not a valid Model Studio API key.", "A key begins with sk-."],
    ["sign_in_changed", "The sign-in was changed.", "Restart OpenCode to use it."],
  ])("is what happened and what to do for %s", (code, message, remedy) => {
    expect(wordsOf(code, message, remedy)).toBe(`${message} ${remedy}`)
  })

  it.each(["api_key_rejected", "api_key_wrong_plan"])("ends with the command for %s", (code) => {
    expect(wordsOf(code, "This key is of another plan.", "Choose that.")).toBe(
      "This key is of another plan. Choose that. Run: opencode auth login",
    )
  })

  it("names the command that lists the models when one is not available", () => {
    expect(wordsOf("model_not_available", 'The model "x" is not available.')).toBe(
      'The model "x" is not available. Models are listed by: opencode models alibaba',
    )
  })

  it("names, in place of the ended free tier, the two commands that sign in with what works", async () => {
    const told = wordsOf("free_tier_ended", "This account has no free quota left.", "Use a key.")
    expect(told).toMatch(/^This account has no free quota left\. Use Model Studio instead: /)
    expect(told).toContain("pay-as-you-go key")
    const named = [...told.matchAll(/opencode auth login -p alibaba -m "([^"]+)"/g)].map(([, label]) => label)
    expect(named).toEqual(["Model Studio account (browser)", "Model Studio API key"])
    const methods = signInMethods(signInSetUp(await temporaryFolder()).signIn)
    expect(methods.map(({ label }) => label)).toEqual(expect.arrayContaining(named))
  })

  it("never makes OpenCode try a hopeless request again by itself", () => {
    expect(retryWordIn(LOGIN)).toBeUndefined()
    const refused = wordsOf("request_refused", "Qwen's API refused the request: HTTP 400, internal_error.")
    expect(retryWordIn(refused)).toBeUndefined()
    expect(asRead(refused)).toBe(
      "Qwen's API refused the request: HTTP 400, internal_error. " +
        "With DEBUG_QWEN_PLUGIN=1 the log has the service's own text.",
    )
  })

  it("leaves OpenCode the words that make it try again what may pass", () => {
    expect(retryWordIn(wordsOf("service_unreachable", "fetch failed"))).toBe("fetch failed")
    expect(retryWordIn(wordsOf("rate_limited", "Qwen's rate limit is reached (too many requests)."))).toBe("rate limit")
  })
})
