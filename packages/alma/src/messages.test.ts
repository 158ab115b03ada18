import { QwenAuthError, type QwenAuthErrorCode } from "qwen-auth-core"
import { PLANS } from "qwen-auth-core/internal"
import { START } from "qwen-auth-testing/fake-platform"
import { HOUR, MINUTE } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { formatCountdown, formatTime, MESSAGES, userMessage } from "./messages.ts"

const LOGIN = "Run: Login to Qwen (Alibaba)"
const MESSAGE = "Something happened."
const REMEDY = "Do something."

/** The expected message for every code. */
const CODES: Readonly<Record<QwenAuthErrorCode, string>> = {
  authentication_required: `Authentication required. ${LOGIN}`,
  credential_unusable: `${MESSAGE} ${REMEDY}`,
  device_authorization_failed: `${MESSAGE} ${REMEDY}`,
  device_code_expired: `${MESSAGE} ${REMEDY}`,
  authorization_denied: `${MESSAGE} ${REMEDY}`,
  sign_in_failed: `${MESSAGE} ${REMEDY}`,
  token_refresh_failed: `${MESSAGE} ${LOGIN}`,
  token_refresh_unavailable: `${MESSAGE} ${REMEDY}`,
  service_unreachable: `${MESSAGE} ${REMEDY}`,
  unexpected_response: `${MESSAGE} ${REMEDY}`,
  web_firewall: `${MESSAGE} ${REMEDY}`,
  redirect_refused: `${MESSAGE} ${REMEDY}`,
  certificate_not_trusted: `${MESSAGE} ${REMEDY}`,
  proxy_refused: `${MESSAGE} ${REMEDY}`,
  proxy_unusable: `${MESSAGE} ${REMEDY}`,
  free_tier_ended: `${MESSAGE} ${LOGIN}, and choose Model Studio API key (keys: https://home.qwencloud.com/api-keys)`,
  console_sign_in_failed: `${MESSAGE} ${REMEDY}`,
  console_sign_in_expired: `${MESSAGE} ${REMEDY}`,
  api_key_malformed: `${MESSAGE} ${REMEDY}`,
  api_key_rejected: `${MESSAGE} ${REMEDY} ${LOGIN}`,
  api_key_wrong_plan: `${MESSAGE} ${REMEDY} ${LOGIN}`,
  api_key_undetermined: `${MESSAGE} ${REMEDY} ${LOGIN}`,
  client_not_allowed: `${MESSAGE} Use a Token Plan or pay-as-you-go key. ${LOGIN}`,
  quota_exhausted: `${MESSAGE} ${REMEDY}`,
  session_expired: `${MESSAGE} ${LOGIN}`,
  rate_limited: `${MESSAGE} ${REMEDY}`,
  model_not_available: `${MESSAGE} ${REMEDY}`,
  context_length_exceeded: `${MESSAGE} ${REMEDY}`,
  endpoint_not_available: `${MESSAGE} ${REMEDY}`,
  request_refused: `${MESSAGE} ${REMEDY} The debug log has the service's own text (Settings: Debug log).`,
  invalid_endpoint: `${MESSAGE} ${REMEDY}`,
  credential_not_stored: `${MESSAGE} ${REMEDY}`,
  credential_locked: `${MESSAGE} ${REMEDY}`,
  sign_in_changed: `${MESSAGE} ${REMEDY}`,
  aborted: `${MESSAGE} ${REMEDY}`,
}

const codes = Object.keys(CODES).filter((code): code is QwenAuthErrorCode => code in CODES)

describe("the message for an error", () => {
  it.each(codes)("says what happened and what to do: %s", (code) => {
    expect(userMessage(new QwenAuthError(code, MESSAGE, { remedy: REMEDY }))).toBe(CODES[code])
  })

  it.each(codes)("is a full sentence without a remedy too: %s", (code) => {
    const text = userMessage(new QwenAuthError(code, MESSAGE))
    expect(text).toMatch(/^[A-Z].*(\.|\)|Login to Qwen \(Alibaba\))$/)
    expect(text).not.toMatch(/undefined|null|\[object/)
  })

  it("names the sign-in method by its label in the dialog", () => {
    expect(userMessage(new QwenAuthError("free_tier_ended", MESSAGE))).toContain(`choose ${MESSAGES.login.key} (`)
  })

  it("asks to unlock the keychain, not to sign in again, when the storage cannot be read", () => {
    const remedy = "Unlock the system's keychain and try again; the sign-in is kept."
    const error = new QwenAuthError("credential_unusable", "Alma's secret storage could not be read.", { remedy })
    expect(userMessage(error)).toContain("Unlock the system's keychain")
  })
})

describe("formatCountdown", () => {
  it.each([
    [900_000, "15:00"],
    [899_999, "15:00"],
    [899_000, "14:59"],
    [845_000, "14:05"],
    [60_000, "1:00"],
    [59_001, "1:00"],
    [9_000, "0:09"],
    [1, "0:01"],
    [0, "0:00"],
    [-1, "0:00"],
    [-90_000, "0:00"],
    [HOUR, "60:00"],
  ])("formats %i ms as %s", (ms, text) => expect(formatCountdown(ms)).toBe(text))
})

describe("formatTime", () => {
  const noon = new Date(START).setHours(12, 0, 0, 0)

  it("gives only the time of day for today", () => {
    expect(formatTime(noon + MINUTE, noon)).toBe(new Date(noon + MINUTE).toLocaleTimeString())
    expect(formatTime(noon - 11 * HOUR, noon)).toBe(new Date(noon - 11 * HOUR).toLocaleTimeString())
  })

  it.each([24, -24, 13, -13, 24 * 7])("includes the date for another day: %i hours later", (hours) => {
    const at = noon + hours * HOUR
    expect(formatTime(at, noon)).toBe(new Date(at).toLocaleString())
    expect(formatTime(at, noon)).not.toBe(new Date(at).toLocaleTimeString())
  })
})

describe("the messages for a key", () => {
  it.each(PLANS.flatMap(({ endpoints }) => endpoints))("name its endpoint: $plan, $region", (endpoint) => {
    const name = MESSAGES.status.key(endpoint).replace("Signed in with an API key for ", "")
    expect(MESSAGES.login.keyDone(endpoint, true)).toBe(`Signed in to Qwen: ${name}`)
    expect(MESSAGES.login.keyDone(endpoint, false)).toBe(`Signed in to Qwen: ${name} The key could not be checked.`)
  })
})
