import type { Credential, OAuthCredential } from "../credentials/credential.ts"
import type { CredentialManager } from "../credentials/credential-manager.ts"
import { QwenAuthError } from "../errors.ts"
import { type Answer, isHtml, isJson, readAnswer } from "../http/answer.ts"
import { abortableWait, withDeadline } from "../http/deadline.ts"
import { networkError } from "../http/network-error.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import { sanitizeText } from "../log/sanitize-text.ts"
import type { Platform } from "../platform.ts"
import { watchAnswer } from "./answer-watch.ts"
import { openChatAnswer } from "./chat-answer.ts"
import { getConversationKey } from "./conversation-key.ts"
import { findErrorDocument } from "./error-document.ts"
import { errorResponse, failureStatus } from "./error-response.ts"
import { type IncomingRequest, parseFetchArguments } from "./incoming-request.ts"
import { joinStream } from "./join-stream.ts"
import { PreparedBodies, type ReadBody } from "./prepared-bodies.ts"
import type { Route } from "./route.ts"
import { routeFor } from "./select-route.ts"
import { serviceError } from "./service-error.ts"
import { TokenProofs } from "./token-proofs.ts"
import { UnusableAnswers } from "./unusable-answers.ts"

/** Maximum time to read an error response, ms. */
const ERROR_TIMEOUT_MS = 15_000

/** The type of the standard `fetch`, which every OpenAI-compatible client accepts. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Provides the credential of a request: a {@link CredentialManager}, or an API key from elsewhere. */
export interface RequestCredentials {
  /** Returns the credential to use now. */
  getCredential(options: { signal?: AbortSignal | undefined }): Promise<Credential>
  /** Returns a credential to use instead of a rejected one. Called for OAuth credentials only. */
  refresh(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined }): Promise<Credential>
  /** Updates the clock skew from the headers of any response of the service. */
  syncClock: CredentialManager["syncClock"]
}

/** Options of {@link createQwenFetch}. */
export interface QwenFetchOptions {
  readonly platform: Platform
  readonly credentials: RequestCredentials
  /** `<package>/<version> (<platform>; <arch>)`: the `User-Agent` of requests with a Qwen account. */
  readonly userAgent: string
  /**
   * The configured API base URL for the Qwen account, checked with {@link secureUrl}. Default: the token's
   * `resource_url`.
   */
  readonly apiBaseUrl?: string | undefined
  /** Creates the error message for the user. Default: {@link QwenAuthError.sentence}. */
  readonly formatError?: ((error: QwenAuthError) => string) | undefined
  /**
   * Called at the end of each request with its credential (undefined if there was none) and the error that the caller
   * receives (undefined for a successful response).
   */
  readonly outcome?: ((credential: Credential | undefined, error: QwenAuthError | undefined) => void) | undefined
  /** Returns whether prompts are marked for the prompt cache on the routes of keys. Default: true. */
  readonly promptCache?: (() => Promise<boolean>) | undefined
  /** Applies the body rules before the host serialises a chat request. Without it, the fetch parses each body. */
  readonly bodies?: PreparedBodies | undefined
}

/**
 * Creates a `fetch` for Qwen's OpenAI-compatible API. It adds the current credential and sends the request to the host
 * where the credential is valid, whatever host the caller named. Good responses are passed through unchanged. When the
 * API rejects a token, the token is refreshed and the request is sent once more. A network error, an error response
 * (including one with status 200) and an error of this library become a response `{"error":{message, code, type}}` with
 * a status that clients handle correctly. After three unusable responses in a row, the next request of a conversation
 * is not sent, see {@link UnusableAnswers}.
 * @throws the abort reason when the caller aborts the request
 */
export function createQwenFetch(options: QwenFetchOptions): Fetch {
  const bodies = options.bodies ?? new PreparedBodies(options.platform)
  const proofs = new TokenProofs<Sent>()
  const unusable = new UnusableAnswers()
  return async (input, init) => {
    const request = await parseFetchArguments(input, init)
    try {
      const body = bodies.read(request)
      const conversation = getConversationKey(request, body)
      if (conversation === undefined) return await authenticated(options, proofs, request, body, undefined)
      unusable.endLoop(conversation)
      return await authenticated(options, proofs, request, body, (usable) => unusable.note(conversation, usable))
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      if (!QwenAuthError.isInstance(error)) throw error
      options.outcome?.(undefined, error)
      return errorResponse(error, failureStatus(error), messageFor(options, error))
    }
  }
}

async function authenticated(
  options: QwenFetchOptions,
  proofs: TokenProofs<Sent>,
  request: IncomingRequest,
  body: ReadBody,
  ended: AnswerEnded | undefined,
): Promise<Response> {
  const { credentials, platform } = options
  const signal = { signal: request.signal }
  const credential = await abortableWait(credentials.getCredential(signal), request.signal)
  const first = await checkResponse(options, request, body, await send(options, request, body, credential), ended)
  if (statusOf(first) !== 401 || credential.type !== "oauth") return toClientResponse(options, request, body, first)
  await dropBody(first.response)
  platform.log.debug("The API rejected the token. It is refreshed, and the request is sent once more.")
  const renewed = await credentials.refresh(credential, signal)
  const replay = () => send(options, request, body, renewed)
  const second =
    renewed.type === "oauth" ? await proofs.prove(renewed.accessToken, replay, request.signal) : await replay()
  return toClientResponse(options, request, body, await checkResponse(options, request, body, second, ended))
}

/** Called at the end of a chat response. */
type AnswerEnded = (usable: boolean) => void

/** A response, with its route and credential. */
interface Sent {
  readonly response: Response
  readonly route: Route
  readonly credential: Credential
}

/** A response whose beginning was checked. */
interface Checked extends Sent {
  /** The error in a chat response, with the status that it should have had. */
  readonly refusal?: Answer
}

function statusOf({ response, refusal }: Checked): number {
  return refusal?.status ?? response.status
}

async function send(
  options: QwenFetchOptions,
  request: IncomingRequest,
  body: ReadBody,
  credential: Credential,
): Promise<Sent> {
  const { userAgent, apiBaseUrl, platform } = options
  const promptCache = (await options.promptCache?.()) ?? true
  const route = await routeFor(credential, request, body, { userAgent, apiBaseUrl, promptCache, log: platform.log })
  const { text } = route.body
  const init = { ...request.init, headers: route.headers, ...(text === undefined ? {} : { body: text }) }
  // Do not follow redirects. They would send the credential to any host that the response names.
  const response = await platform.fetch(route.url, { ...init, redirect: "manual" }).catch((error: unknown) => {
    throw networkError(hostOf(route), error)
  })
  options.credentials.syncClock(response.headers)
  return { response, route, credential }
}

function hostOf({ url }: Route): string {
  return new URL(url).host
}

/** Checks the beginning of a chat response with a successful status. */
async function checkResponse(
  options: QwenFetchOptions,
  request: IncomingRequest,
  body: ReadBody,
  sent: Sent,
  ended: AnswerEnded | undefined,
): Promise<Checked> {
  const { response, route } = sent
  if (!response.ok || ended === undefined) return sent
  const answer = await openChatAnswer(options.platform, response, body.wantsStream, watchAnswer(ended)).catch(
    (error: unknown) => {
      throw networkError(hostOf(route), error)
    },
  )
  if ("good" in answer) {
    const good = { ...sent, response: answer.good }
    return route.body.joins && !isJson(response.headers) ? joinAnswer(good, hostOf(route), request.signal) : good
  }
  const refusal = await readErrorAnswer(options.platform, answer.bad, hostOf(route), request.signal)
  return { ...sent, refusal: { ...refusal, ...findErrorDocument(refusal.text) } }
}

/** Joins a stream to the single document that the caller requested. */
async function joinAnswer(sent: Checked, host: string, signal: AbortSignal | undefined): Promise<Checked> {
  const { body, headers } = sent.response
  if (body === null) return sent
  const joining = joinStream(body).catch((error: unknown) => {
    throw QwenAuthError.isInstance(error) ? error : networkError(host, error)
  })
  const answer = await abortableWait(joining, signal)
  if ("error" in answer) {
    const { error } = answer
    return { ...sent, refusal: { ...error, headers, html: false, firewall: false, text: JSON.stringify(error.json) } }
  }
  const answerHeaders = new Headers(headers)
  answerHeaders.set("content-type", "application/json")
  for (const name of ["content-length", "content-encoding", "transfer-encoding"]) answerHeaders.delete(name)
  return { ...sent, response: new Response(JSON.stringify(answer.completion), { headers: answerHeaders }) }
}

/** Returns the response for the caller: a successful response itself, or an explained error. */
async function toClientResponse(
  options: QwenFetchOptions,
  request: IncomingRequest,
  body: ReadBody,
  { response, route, credential, refusal }: Checked,
): Promise<Response> {
  if (response.status >= 300 && response.status < 400) throw await redirectRefused(response)
  if (response.ok && refusal === undefined && !isHtml(response.headers)) {
    options.outcome?.(credential, undefined)
    return response
  }
  const { log, timeZone } = options.platform
  const now = options.platform.now()
  const waitMs = retryAfterMs(response.headers, now)
  const answer = refusal ?? (await readErrorAnswer(options.platform, response, hostOf(route), request.signal))
  const failure = route.apiFailure({ answer, model: body.model(), waitMs, now, timeZone })
  const { error, status } = failure
  options.outcome?.(credential, error)
  const secret = credential.type === "oauth" ? credential.accessToken : credential.apiKey
  const service = serviceError(answer, secret)
  log.debug("The API refused a request.", { status: response.status, code: error.code, service })
  return errorResponse(error, status, messageFor(options, error), failure.waitMs ?? waitMs)
}

/** Reads an error response, with a limit on its time. */
function readErrorAnswer(
  platform: Platform,
  response: Response,
  host: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return withDeadline(platform, ERROR_TIMEOUT_MS, host, signal, async (deadline) => {
    const reading = readAnswer(response).catch((error: unknown) => {
      throw networkError(host, error)
    })
    return abortableWait(reading, deadline)
  })
}

async function dropBody(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {})
}

async function redirectRefused(response: Response): Promise<QwenAuthError> {
  await dropBody(response)
  const location = response.headers.get("location") ?? ""
  const where = URL.canParse(location) ? new URL(location).host : "another address"
  return new QwenAuthError("redirect_refused", `Qwen's API responded with a redirect to ${sanitizeText(where, 80)}.`, {
    remedy: "It was not followed, to protect the sign-in. Check for a proxy or a captive portal.",
  })
}

function messageFor(options: QwenFetchOptions, error: QwenAuthError): string {
  return options.formatError?.(error) ?? error.sentence
}
