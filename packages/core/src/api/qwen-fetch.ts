import type { Credential, OAuthCredential } from "../credentials/credential.ts"
import type { CredentialManager } from "../credentials/credential-manager.ts"
import { QwenAuthError } from "../errors.ts"
import { type Answer, isHtml, readAnswer } from "../http/answer.ts"
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
import { PreparedBodies, type ReadBody } from "./prepared-bodies.ts"
import type { Route } from "./route.ts"
import { routeFor } from "./select-route.ts"
import { serviceError } from "./service-error.ts"
import { TokenProofs } from "./token-proofs.ts"
import { UnusableAnswers } from "./unusable-answers.ts"

/** The longest an error answer may take to arrive, ms. */
const REFUSAL_TIMEOUT_MS = 15_000

/** The type of the platform's own fetch, which every OpenAI-compatible client takes. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Where a request's credential comes from: a {@link CredentialManager}, or a key that needs no managing. */
export interface RequestCredentials {
  /** The credential to use now. */
  getCredential(options: { signal?: AbortSignal | undefined }): Promise<Credential>
  /** Another in place of one that the server rejected; asked for OAuth credentials only. */
  refresh(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined }): Promise<Credential>
  /** Learns the server's time from any of its answers. */
  syncClock: CredentialManager["syncClock"]
}

/** What the authenticated fetch needs. */
export interface QwenFetchOptions {
  readonly platform: Platform
  readonly credentials: RequestCredentials
  /** `<package>/<version> (<platform>; <arch>)`, the name that requests with a Qwen account carry. */
  readonly userAgent: string
  /** The user's own API address for the Qwen account (checked with {@link secureUrl}); else the token says where it is valid. */
  readonly apiBaseUrl?: string | undefined
  /** The words a person reads for an error, in place of {@link QwenAuthError.sentence}. */
  readonly formatError?: ((error: QwenAuthError) => string) | undefined
  /**
   * Told how each request ended: with which credential (undefined when there was none), and the error that it was answered with, or
   * undefined for a good answer.
   */
  readonly outcome?: ((credential: Credential | undefined, error: QwenAuthError | undefined) => void) | undefined
  /** By which the host has chat requests prepared before it serialises them; without it each is parsed here. */
  readonly bodies?: PreparedBodies | undefined
}

/**
 * A fetch for Qwen's OpenAI-compatible API: it adds the present credential and goes where that is valid, whatever host the
 * caller named. A good answer has the network's bytes, as they come. A rejected token is renewed and the request sent once more. No
 * answer, an error answer (also one with status 200) and an error of ours become `{"error":{message, code, type}}` in words with a
 * status that clients treat rightly. After three unusable answers in a row the next request of a conversation is not sent, see
 * {@link UnusableAnswers}.
 * @throws the caller's abort reason when it gave up
 */
export function createQwenFetch(options: QwenFetchOptions): Fetch {
  const bodies = options.bodies ?? new PreparedBodies(options.platform)
  const proofs = new TokenProofs<Sent>()
  const unusable = new UnusableAnswers()
  return async (input, init) => {
    const incoming = await parseFetchArguments(input, init)
    try {
      const body = bodies.read(incoming)
      const conversation = getConversationKey(incoming, body)
      if (conversation === undefined) return await authenticated(options, proofs, incoming, body, undefined)
      unusable.endLoop(conversation)
      return await authenticated(options, proofs, incoming, body, (usable) => unusable.note(conversation, usable))
    } catch (error) {
      if (incoming.signal?.aborted) throw incoming.signal.reason
      if (!QwenAuthError.isInstance(error)) throw error
      options.outcome?.(undefined, error)
      return errorResponse(error, failureStatus(error), messageFor(options, error))
    }
  }
}

async function authenticated(
  options: QwenFetchOptions,
  proofs: TokenProofs<Sent>,
  incoming: IncomingRequest,
  body: ReadBody,
  ended: AnswerEnded | undefined,
): Promise<Response> {
  const { credentials, platform } = options
  const signal = { signal: incoming.signal }
  const credential = await abortableWait(credentials.getCredential(signal), incoming.signal)
  const first = await opened(options, incoming, body, await send(options, incoming, body, credential), ended)
  if (statusOf(first) !== 401 || credential.type !== "oauth") return toClientResponse(options, incoming, body, first)
  await dropBody(first.response)
  platform.log.debug("The API rejected the token; renewing it and sending the request once more.")
  const renewed = await credentials.refresh(credential, signal)
  const replay = () => send(options, incoming, body, renewed)
  const second =
    renewed.type === "oauth" ? await proofs.prove(renewed.accessToken, replay, incoming.signal) : await replay()
  return toClientResponse(options, incoming, body, await opened(options, incoming, body, second, ended))
}

/** Told whether a chat answer that has ended was usable. */
type AnswerEnded = (usable: boolean) => void

/** An answer and the way it came. */
interface Sent {
  readonly response: Response
  readonly route: Route
  readonly credential: Credential
}

/** An answer that was looked into. */
interface Opened extends Sent {
  /** What a chat request got instead of a chat answer, with the status that it should have come with. */
  readonly refusal?: Answer
}

function statusOf({ response, refusal }: Opened): number {
  return refusal?.status ?? response.status
}

async function send(
  options: QwenFetchOptions,
  incoming: IncomingRequest,
  body: ReadBody,
  credential: Credential,
): Promise<Sent> {
  const { userAgent, apiBaseUrl, platform } = options
  const route = routeFor(credential, incoming, body, { userAgent, apiBaseUrl, log: platform.log })
  const init = { ...incoming.init, headers: route.headers, ...(route.body === undefined ? {} : { body: route.body }) }
  // Redirects are not followed: they would carry the credential wherever the answer says.
  const response = await platform.fetch(route.url, { ...init, redirect: "manual" }).catch((error: unknown) => {
    throw networkError(new URL(route.url).host, error)
  })
  options.credentials.syncClock(response.headers)
  return { response, route, credential }
}

/** Looks into a chat answer whose status says that it is good. */
async function opened(
  options: QwenFetchOptions,
  incoming: IncomingRequest,
  body: ReadBody,
  sent: Sent,
  ended: AnswerEnded | undefined,
): Promise<Opened> {
  const { response, route } = sent
  if (!response.ok || ended === undefined) return sent
  const { host } = new URL(route.url)
  const answer = await openChatAnswer(options.platform, response, body.wantsStream, watchAnswer(ended)).catch(
    (error: unknown) => {
      throw networkError(host, error)
    },
  )
  if ("good" in answer) return { ...sent, response: answer.good }
  const refusal = await readErrorAnswer(options.platform, answer.bad, host, incoming.signal)
  return { ...sent, refusal: { ...refusal, ...findErrorDocument(refusal.text) } }
}

/** The response as the host gets it: itself when it is good. */
async function toClientResponse(
  options: QwenFetchOptions,
  incoming: IncomingRequest,
  body: ReadBody,
  { response, route, credential, refusal }: Opened,
): Promise<Response> {
  if (response.status >= 300 && response.status < 400) throw await redirectRefused(response)
  if (response.ok && refusal === undefined && !isHtml(response.headers)) {
    options.outcome?.(credential, undefined)
    return response
  }
  const waitMs = retryAfterMs(response.headers, options.platform.now())
  const answer =
    refusal ?? (await readErrorAnswer(options.platform, response, new URL(route.url).host, incoming.signal))
  const { error, status } = route.apiFailure({ answer, model: body.model(), waitMs })
  options.outcome?.(credential, error)
  const secret = credential.type === "oauth" ? credential.accessToken : credential.apiKey
  const service = serviceError(answer, secret)
  options.platform.log.debug("The API refused a request.", { status: response.status, code: error.code, service })
  return errorResponse(error, status, messageFor(options, error), waitMs)
}

/** Reads an error answer, which may break off or never end. */
function readErrorAnswer(
  platform: Platform,
  response: Response,
  host: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return withDeadline(platform, REFUSAL_TIMEOUT_MS, host, signal, async (deadline) => {
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
