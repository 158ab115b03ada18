import type { OAuthCredential } from "../credentials/credential.ts"
import { abortedError, type QwenAuthError } from "../errors.ts"
import { readAnswer } from "../http/answer.ts"
import { withDeadline } from "../http/deadline.ts"
import type { Platform } from "../platform.ts"
import { findErrorDocument } from "./error-document.ts"
import { oauthRoute } from "./oauth-route.ts"
import { PreparedBodies } from "./prepared-bodies.ts"
import { serviceError } from "./service-error.ts"

/** Maximum time for the check, ms. A sign-in must not wait longer for a service that may only be slow. */
const TIMEOUT_MS = 10_000

/** The smallest chat request. */
const SMALLEST = {
  model: "coder-model",
  messages: [{ role: "user", content: "hi" }],
  max_tokens: 1,
}

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
 * Checks with one smallest request that a Qwen account which has just signed in still has a quota. A sign-in that cannot
 * work is then refused at once, not at the first question. Everything but a definite refusal counts as success: a rate
 * limit, an error of the service or the network, no answer within 10 s.
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

/** Sends the request. Returns the error if the account has definitely no quota. */
async function freeTierError(
  credential: OAuthCredential,
  { platform, userAgent, apiBaseUrl }: VerifyAccountOptions,
  signal: AbortSignal,
): Promise<QwenAuthError | undefined> {
  const { log, timeZone } = platform
  const init = { method: "POST", body: JSON.stringify(SMALLEST) }
  const headers = new Headers({ "content-type": "application/json", accept: "application/json" })
  const request = { url: new URL("https://portal.qwen.ai/v1/chat/completions"), headers, signal, init }
  const body = new PreparedBodies(platform).read(request)
  const route = oauthRoute(credential, request, body, { userAgent, apiBaseUrl, promptCache: true, log })
  const response = await platform.fetch(route.url, {
    ...init,
    body: route.body.text ?? init.body,
    headers: route.headers,
    redirect: "manual",
    signal,
  })
  const answer = await readAnswer(response)
  const refusal = { ...answer, ...(response.ok ? findErrorDocument(answer.text) : {}) }
  if (refusal.status < 400 || refusal.html) return undefined
  const failure = route.apiFailure({
    answer: refusal,
    model: SMALLEST.model,
    waitMs: undefined,
    now: platform.now(),
    timeZone,
  })
  // A 401 without the API's own code may come from anything in between.
  const definite = refusal.status !== 401 || serviceError(refusal, credential.accessToken).code === "invalid_api_key"
  return definite && failure.error.code === "free_tier_ended" ? failure.error : undefined
}
