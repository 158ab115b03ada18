import type { OAuthCredential } from "../credentials/credential.ts"
import type { CredentialManager } from "../credentials/credential-manager.ts"
import { QwenAuthError } from "../errors.ts"
import { isHtml, readAnswer } from "../http/answer.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import { readable } from "../log/readable.ts"
import type { World } from "../world.ts"
import { type AskedRequest, askedRequest, type PreparedBody, prepareBody } from "./asked-request.ts"
import { DEFAULT_API_BASE_URL, requestUrl, resourceBaseUrl } from "./endpoint.ts"
import { errorResponse, failureStatus } from "./error-response.ts"
import { oauthFailure } from "./failure.ts"
import { oauthHeaders } from "./request-headers.ts"

/** The type of the platform's own fetch, which every OpenAI-compatible client takes. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** What the authenticated fetch needs. */
export interface QwenFetchOptions {
  readonly world: World
  readonly credentials: Pick<CredentialManager, "current" | "renew" | "observe">
  /** `<package>/<version> (<platform>; <arch>)`, the name requests carry. */
  readonly userAgent: string
  /** The user's own API address (checked with {@link secureUrl}); without it the token says where it is valid. */
  readonly apiBaseUrl?: string | undefined
  /** The words a person reads for an error, in place of {@link QwenAuthError.sentence}. */
  readonly words?: ((error: QwenAuthError) => string) | undefined
}

/**
 * A fetch for Qwen's OpenAI-compatible API: it adds the present credential and goes where that is valid, whatever host the
 * caller named. A good answer is the network's own Response, its body untouched. A rejected token is renewed and the request
 * sent once more. An error answer, and an error of ours, becomes `{"error":{message, code, type}}` in words with a status
 * that clients treat rightly.
 * @throws the network's error when there is no answer, the caller's abort reason when it gave up
 */
export function createQwenFetch(options: QwenFetchOptions): Fetch {
  return async (input, init) => {
    const asked = await askedRequest(input, init)
    try {
      return await authenticated(options, asked, prepareBody(asked))
    } catch (error) {
      if (asked.signal?.aborted) throw asked.signal.reason
      if (!QwenAuthError.isInstance(error)) throw error
      return errorResponse(error, failureStatus(error), wordsFor(options, error))
    }
  }
}

async function authenticated(options: QwenFetchOptions, asked: AskedRequest, body: PreparedBody): Promise<Response> {
  const { credentials, world } = options
  const signal = { signal: asked.signal }
  const credential = await credentials.current(signal)
  const first = await send(options, asked, body, credential)
  if (first.status !== 401) return settled(options, body, first)
  await first.body?.cancel()
  world.log.debug("The API rejected the token; renewing it and sending the request once more.")
  return settled(options, body, await send(options, asked, body, await credentials.renew(credential, signal)))
}

async function send(
  options: QwenFetchOptions,
  asked: AskedRequest,
  body: PreparedBody,
  credential: OAuthCredential,
): Promise<Response> {
  const url = requestUrl(baseUrl(options, credential), asked.url)
  const headers = oauthHeaders(asked.headers, credential, options.userAgent)
  // Redirects are not followed: they would carry the token wherever the answer says.
  const response = await options.world.fetch(url, { ...asked.init, headers, ...body.init, redirect: "manual" })
  options.credentials.observe(response.headers)
  return response
}

function baseUrl({ apiBaseUrl, world }: QwenFetchOptions, { resourceUrl }: OAuthCredential): string {
  if (apiBaseUrl !== undefined) return apiBaseUrl
  if (resourceUrl === undefined) return DEFAULT_API_BASE_URL
  const bound = resourceBaseUrl(resourceUrl)
  if (bound === undefined) {
    world.log.warn("The token's resource_url is not one of Qwen's API hosts; the default is used.", { resourceUrl })
  }
  return bound ?? DEFAULT_API_BASE_URL
}

/** The response as the host gets it: itself when it is good. */
async function settled(options: QwenFetchOptions, body: PreparedBody, response: Response): Promise<Response> {
  if (response.status >= 300 && response.status < 400) throw await redirectRefused(response)
  if (response.ok && !isHtml(response.headers)) return response
  const { error, status } = oauthFailure(await readAnswer(response), body.model)
  options.world.log.debug("The API refused a request.", { status: response.status, code: error.code })
  const waitMs = retryAfterMs(response.headers, options.world.now())
  return errorResponse(error, status, wordsFor(options, error), waitMs)
}

async function redirectRefused(response: Response): Promise<QwenAuthError> {
  await response.body?.cancel()
  const location = response.headers.get("location") ?? ""
  const where = URL.canParse(location) ? new URL(location).host : "another address"
  return new QwenAuthError("redirect_refused", `Qwen's API was answered by a redirect to ${readable(where, 80)}.`, {
    remedy: "It was not followed, to keep the sign-in safe. Check for a proxy or a captive portal.",
  })
}

function wordsFor(options: QwenFetchOptions, error: QwenAuthError): string {
  return options.words?.(error) ?? error.sentence
}
