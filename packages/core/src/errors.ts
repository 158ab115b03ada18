/**
 * Every way this library fails on purpose. Stable: hosts and users match on these.
 *
 * - `authentication_required`: nobody is signed in
 * - `credential_unusable`: something is stored, but it is no usable sign-in
 * - `device_authorization_failed`: the server refused to start a sign-in
 * - `device_code_expired`: nobody approved in time
 * - `authorization_denied`: the person said no in the browser
 * - `sign_in_failed`: the server ended the sign-in for another reason
 * - `token_refresh_failed`: the server definitely refused the refresh token
 * - `token_refresh_unavailable`: the token could not be renewed now; it may work later
 * - `service_unreachable`: no answer: network trouble or a time-out
 * - `unexpected_response`: an answer that is not the service's protocol (HTML, cut, incomplete, not what its encoding says)
 * - `web_firewall`: a web firewall's page instead of an answer
 * - `redirect_refused`: a redirect that would have carried a credential elsewhere
 * - `certificate_not_trusted`: the answer's certificate is not one this machine trusts for that host at this time
 * - `proxy_refused`: the proxy requires a user name and password
 * - `proxy_unusable`: the configured proxy is of a kind that cannot be used
 * - `free_tier_ended`: the account has no free quota on the OAuth route (any more)
 * - `console_sign_in_failed`: the Model Studio console could not be waited for
 * - `console_sign_in_expired`: nobody approved in the Model Studio console in time
 * - `api_key_malformed`: the text has not the form of a Model Studio API key
 * - `api_key_rejected`: Model Studio does not accept the key where it was sent
 * - `api_key_wrong_plan`: the key works, but for another plan or region than the one chosen
 * - `client_not_allowed`: the plan admits only coding agents that it knows
 * - `quota_exhausted`: the plan's or the account's quota is used up
 * - `session_expired`: the API rejects a freshly renewed token
 * - `rate_limited`: too many requests, wait
 * - `model_not_available`: the account or plan has no such model
 * - `context_length_exceeded`: the conversation is longer than the model can take; hosts that compact conversations know this code
 * - `request_refused`: the API refused the request
 * - `invalid_endpoint`: a configured address that a credential must not be sent to
 * - `credential_not_stored`: the credential could not be written
 * - `credential_locked`: another process holds the credential and does not let go
 * - `sign_in_changed`: another kind of sign-in took this one's place while the host was running
 * - `aborted`: the caller gave up
 */
export type QwenAuthErrorCode =
  | "authentication_required"
  | "credential_unusable"
  | "device_authorization_failed"
  | "device_code_expired"
  | "authorization_denied"
  | "sign_in_failed"
  | "token_refresh_failed"
  | "token_refresh_unavailable"
  | "service_unreachable"
  | "unexpected_response"
  | "web_firewall"
  | "redirect_refused"
  | "certificate_not_trusted"
  | "proxy_refused"
  | "proxy_unusable"
  | "free_tier_ended"
  | "console_sign_in_failed"
  | "console_sign_in_expired"
  | "api_key_malformed"
  | "api_key_rejected"
  | "api_key_wrong_plan"
  | "client_not_allowed"
  | "quota_exhausted"
  | "session_expired"
  | "rate_limited"
  | "model_not_available"
  | "context_length_exceeded"
  | "request_refused"
  | "invalid_endpoint"
  | "credential_not_stored"
  | "credential_locked"
  | "sign_in_changed"
  | "aborted"

/** Marks our errors across copies of this library: each plugin bundles its own, so `instanceof` alone cannot tell. */
const MARK = Symbol.for("qwen-auth-core.error")

/**
 * An expected failure. `message` says what happened, `remedy` what the person does now; both are complete sentences and
 * free of secrets. `code` is stable, see {@link QwenAuthErrorCode}.
 */
export class QwenAuthError extends Error {
  override readonly name = "QwenAuthError"
  readonly code: QwenAuthErrorCode
  /** What the person does now; absent when there is nothing to do but try again. */
  readonly remedy: string | undefined

  /**
   * @param code stable code
   * @param message what happened, one sentence
   * @param details `remedy`: one sentence; `cause`: what lies beneath, never carrying a request or response body
   */
  constructor(code: QwenAuthErrorCode, message: string, details: { remedy?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.remedy = details.remedy
    Object.defineProperty(this, MARK, { value: true })
  }

  /** True for an error of this class, also when it comes from another copy of this library. */
  static isInstance(value: unknown): value is QwenAuthError {
    return value instanceof Error && MARK in value
  }

  /** What happened and what to do, as one text for a person. */
  get sentence(): string {
    return this.remedy === undefined ? this.message : `${this.message} ${this.remedy}`
  }
}

/** The error of a wait that its caller gave up. */
export function abortedError(signal?: AbortSignal): QwenAuthError {
  return new QwenAuthError("aborted", "Cancelled.", signal?.reason === undefined ? {} : { cause: signal.reason })
}
