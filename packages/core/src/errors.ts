/**
 * The codes of all errors that this library throws on purpose. The codes are stable, so programs may match on them.
 *
 * - `authentication_required`: no user is signed in
 * - `credential_unusable`: a credential is stored, but it cannot be used
 * - `device_authorization_failed`: the server refused to start a sign-in
 * - `device_code_expired`: the user did not approve the sign-in in time
 * - `authorization_denied`: the user denied the sign-in in the browser
 * - `sign_in_failed`: the server ended the sign-in for any other reason
 * - `token_refresh_failed`: the server permanently refused the refresh token
 * - `token_refresh_unavailable`: the token could not be refreshed; a later attempt may succeed
 * - `service_unreachable`: the service did not respond (network error or timeout)
 * - `unexpected_response`: the response does not follow the service's protocol (HTML, truncated, incomplete, wrongly
 *   encoded)
 * - `web_firewall`: a web firewall responded instead of the service
 * - `redirect_refused`: a redirect that would have sent a credential to another host
 * - `certificate_not_trusted`: this machine does not trust the certificate for this host at this time
 * - `proxy_refused`: the proxy requires a user name and password
 * - `proxy_unusable`: the configured proxy is not supported
 * - `free_tier_ended`: the account has no free quota on the OAuth route, or no longer has it
 * - `console_sign_in_failed`: this machine could not listen for the Model Studio console
 * - `console_sign_in_expired`: the user did not approve the sign-in in the Model Studio console in time
 * - `api_key_malformed`: the text is not a valid Model Studio API key
 * - `api_key_rejected`: Model Studio does not accept the key at the endpoint that was used
 * - `api_key_wrong_plan`: the key is valid, but for a plan or region other than the chosen one
 * - `api_key_undetermined`: the service does not report the key's plan and region, so the user has to choose them
 * - `client_not_allowed`: the plan accepts only known coding agents
 * - `quota_exhausted`: the plan's or the account's quota is used up
 * - `session_expired`: the API rejects a token that was just refreshed
 * - `rate_limited`: too many requests; wait before the next one
 * - `model_not_available`: the account or plan does not include the model
 * - `context_length_exceeded`: the conversation is too long for the model; hosts that compact conversations know this code
 * - `endpoint_not_available`: the plan or the account does not have the requested API
 * - `request_refused`: the API refused the request
 * - `invalid_endpoint`: a credential must not be sent to the configured address
 * - `credential_not_stored`: the credential could not be saved
 * - `credential_locked`: another process holds the credential's lock and does not release it
 * - `sign_in_changed`: another kind of sign-in replaced this one while the host was running
 * - `aborted`: the caller cancelled the operation
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
  | "api_key_undetermined"
  | "client_not_allowed"
  | "quota_exhausted"
  | "session_expired"
  | "rate_limited"
  | "model_not_available"
  | "context_length_exceeded"
  | "endpoint_not_available"
  | "request_refused"
  | "invalid_endpoint"
  | "credential_not_stored"
  | "credential_locked"
  | "sign_in_changed"
  | "aborted"

/**
 * Marks errors of this library. Each plugin bundles its own copy, so `instanceof` does not recognise the errors of
 * another.
 */
const MARK = Symbol.for("qwen-auth-core.error")

/**
 * An expected failure. `message` says what happened and `remedy` says what the user can do. Both are complete sentences
 * without secrets. `code` is stable, see {@link QwenAuthErrorCode}.
 */
export class QwenAuthError extends Error {
  override readonly name = "QwenAuthError"
  readonly code: QwenAuthErrorCode
  /** What the user can do; undefined when the only option is to try again. */
  readonly remedy: string | undefined
  /** When a used-up quota is reset, epoch ms; undefined when the service did not say so. */
  readonly resetsAt: number | undefined

  /**
   * @param code one of the stable codes
   * @param message what happened, in one sentence
   * @param details `remedy`: what the user can do, in one sentence; `cause`: the underlying error, without a request or
   *   response body; `resetsAt`: when a used-up quota is reset, epoch ms
   */
  constructor(
    code: QwenAuthErrorCode,
    message: string,
    details: { remedy?: string | undefined; cause?: unknown; resetsAt?: number | undefined } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.remedy = details.remedy
    this.resetsAt = details.resetsAt
    Object.defineProperty(this, MARK, { value: true })
  }

  /** Returns true for an error of this class, even when it comes from another copy of this library. */
  static isInstance(value: unknown): value is QwenAuthError {
    return value instanceof Error && MARK in value
  }

  /** `message` and `remedy` as one text for the user. */
  get sentence(): string {
    return this.remedy === undefined ? this.message : `${this.message} ${this.remedy}`
  }
}

/** Returns the error for an operation that its caller cancelled, with the reason of `signal` as its cause. */
export function abortedError(signal?: AbortSignal): QwenAuthError {
  return new QwenAuthError("aborted", "Cancelled.", { cause: signal?.reason })
}
