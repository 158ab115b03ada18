import { CODER_MODEL } from "../catalog/oauth-models.ts"
import type { OAuthCredential } from "../credentials/credential.ts"
import { abortedError, type QwenAuthError } from "../errors.ts"
import { readAnswer } from "../http/answer.ts"
import { withDeadline } from "../http/deadline.ts"
import type { Platform } from "../platform.ts"
import { findErrorDocument } from "./error-document.ts"
import { oauthFailure } from "./oauth-failure.ts"
import { oauthRequestBody } from "./oauth-request-body.ts"
import { accountBaseUrl } from "./oauth-route.ts"
import { oauthHeaders } from "./request-headers.ts"
import { serviceError } from "./service-error.ts"

/** Maximum time for the check, ms. A sign-in must not wait longer for a service that is only slow. */
const TIMEOUT_MS = 10_000

/** The smallest chat request. */
const SMALLEST = { model: CODER_MODEL.id, messages: [{ role: "user", content: "hi" }], max_tokens: 1 }
const HEADERS = { "content-type": "application/json", accept: "application/json" }

/** Options of {@link verifyAccount}. */
export interface VerifyAccountOptions {
  readonly platform: Platform
  /** `<package>/<version> (<platform>; <arch>)` */
  readonly userAgent: string
  /** The configured API base URL; undefined to use the token's `resource_url`. */
  readonly apiBaseUrl?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Checks with one small request that a Qwen account which has just signed in still has a quota. A sign-in that cannot work
 * then fails at once, not at the first chat request. Only a definite refusal is a failure. A rate limit, an error of the
 * service or the network, or a missing response within 10 s is not.
 * @throws QwenAuthError `free_tier_ended`: the account has no quota; `aborted` when `signal` aborts
 */
export async function verifyAccount(credential: OAuthCredential, options: VerifyAccountOptions): Promise<void> {
  const { platform, signal } = options
  let ended: QwenAuthError | undefined
  try {
    ended = await withDeadline(platform, TIMEOUT_MS, "Qwen's API", signal, (deadline) =>
      freeTierError(credential, options, deadline),
    )
  } catch (error) {
    if (signal?.aborted) throw abortedError(signal)
    platform.log.debug("The new sign-in could not be checked with a request.", { error })
  }
  if (ended !== undefined) throw ended
}

/** Sends the request. Returns the error if the account definitely has no quota. */
async function freeTierError(
  credential: OAuthCredential,
  { platform, userAgent, apiBaseUrl }: VerifyAccountOptions,
  signal: AbortSignal,
): Promise<QwenAuthError | undefined> {
  const baseUrl = accountBaseUrl(credential, { apiBaseUrl, log: platform.log })
  const response = await platform.fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    headers: oauthHeaders(new Headers(HEADERS), credential, userAgent),
    body: JSON.stringify(oauthRequestBody(SMALLEST)),
    redirect: "manual",
    signal,
  })
  const answer = await readAnswer(response)
  const refusal = { ...answer, ...(response.ok ? findErrorDocument(answer.text) : {}) }
  if (refusal.status < 400 || refusal.html) return undefined
  const { error } = oauthFailure(credential.accessToken, {
    answer: refusal,
    model: CODER_MODEL.id,
    waitMs: undefined,
    now: platform.now(),
    timeZone: platform.timeZone,
  })
  // A 401 without the API's own code may come from a proxy.
  const definite = refusal.status !== 401 || serviceError(refusal, credential.accessToken).code === "invalid_api_key"
  return definite && error.code === "free_tier_ended" ? error : undefined
}
