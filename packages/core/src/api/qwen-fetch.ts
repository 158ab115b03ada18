import type { Credential, OAuthCredential } from "../credentials/credential.ts"
import type { CredentialManager } from "../credentials/credential-manager.ts"
import { QwenAuthError } from "../errors.ts"
import { type Answer, isHtml, readAnswer } from "../http/answer.ts"
import { abortableWait, withDeadline } from "../http/deadline.ts"
import { noAnswer } from "../http/no-answer.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import { readable } from "../log/readable.ts"
import type { World } from "../world.ts"
import { watchAnswer } from "./answer-watch.ts"
import { type AskedRequest, askedRequest } from "./asked-request.ts"
import { openChatAnswer } from "./chat-answer.ts"
import { getConversationKey } from "./conversation-key.ts"
import { findErrorDocument } from "./error-document.ts"
import { errorResponse, failureStatus } from "./error-response.ts"
import { PreparedBodies, type ReadBody } from "./prepared-bodies.ts"
import { type Route, routeFor } from "./route.ts"
import { TokenProofs } from "./token-proofs.ts"
import { UnusableAnswers } from "./unusable-answers.ts"

/** The longest an error answer may take to arrive, ms. */
const REFUSAL_TIMEOUT_MS = 15_000

/** The type of the platform's own fetch, which every OpenAI-compatible client takes. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Where a request's credential comes from: a {@link CredentialManager}, or a key that needs no managing. */
export interface RequestCredentials {
  /** The credential to use now. */
  current(options: { signal?: AbortSignal | undefined }): Promise<Credential>
  /** Another in place of one that the server rejected; asked for OAuth credentials only. */
  renew(rejected: OAuthCredential, options: { signal?: AbortSignal | undefined }): Promise<Credential>
  /** Learns the server's time from any of its answers. */
  observe: CredentialManager["observe"]
}

/** What the authenticated fetch needs. */
export interface QwenFetchOptions {
  readonly world: World
  readonly credentials: RequestCredentials
  /** `<package>/<version> (<platform>; <arch>)`, the name that requests with a Qwen account carry. */
  readonly userAgent: string
  /** The user's own API address for the Qwen account (checked with {@link secureUrl}); else the token says where it is valid. */
  readonly apiBaseUrl?: string | undefined
  /** The words a person reads for an error, in place of {@link QwenAuthError.sentence}. */
  readonly words?: ((error: QwenAuthError) => string) | undefined
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
  const bodies = options.bodies ?? new PreparedBodies(options.world)
  const proofs = new TokenProofs<Sent>()
  const unusable = new UnusableAnswers()
  return async (input, init) => {
    const asked = await askedRequest(input, init)
    try {
      const body = bodies.read(asked)
      const conversation = getConversationKey(asked, body)
      if (conversation === undefined) return await authenticated(options, proofs, asked, body, undefined)
      unusable.endLoop(conversation)
      return await authenticated(options, proofs, asked, body, (usable) => unusable.note(conversation, usable))
    } catch (error) {
      if (asked.signal?.aborted) throw asked.signal.reason
      if (!QwenAuthError.isInstance(error)) throw error
      options.outcome?.(undefined, error)
      return errorResponse(error, failureStatus(error), wordsFor(options, error))
    }
  }
}

async function authenticated(
  options: QwenFetchOptions,
  proofs: TokenProofs<Sent>,
  asked: AskedRequest,
  body: ReadBody,
  ended: AnswerEnded | undefined,
): Promise<Response> {
  const { credentials, world } = options
  const signal = { signal: asked.signal }
  const credential = await abortableWait(credentials.current(signal), asked.signal)
  const first = await opened(options, asked, body, await send(options, asked, body, credential), ended)
  if (statusOf(first) !== 401 || credential.type !== "oauth") return settled(options, asked, body, first)
  await dropBody(first.response)
  world.log.debug("The API rejected the token; renewing it and sending the request once more.")
  const renewed = await credentials.renew(credential, signal)
  const replay = () => send(options, asked, body, renewed)
  const second =
    renewed.type === "oauth" ? await proofs.prove(renewed.accessToken, replay, asked.signal) : await replay()
  return settled(options, asked, body, await opened(options, asked, body, second, ended))
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
  asked: AskedRequest,
  body: ReadBody,
  credential: Credential,
): Promise<Sent> {
  const { userAgent, apiBaseUrl, world } = options
  const route = routeFor(credential, asked, body, { userAgent, apiBaseUrl, log: world.log })
  const init = { ...asked.init, headers: route.headers, ...(route.body === undefined ? {} : { body: route.body }) }
  // Redirects are not followed: they would carry the credential wherever the answer says.
  const response = await world.fetch(route.url, { ...init, redirect: "manual" }).catch((error: unknown) => {
    throw noAnswer(new URL(route.url).host, error)
  })
  options.credentials.observe(response.headers)
  return { response, route, credential }
}

/** Looks into a chat answer whose status says that it is good. */
async function opened(
  options: QwenFetchOptions,
  asked: AskedRequest,
  body: ReadBody,
  sent: Sent,
  ended: AnswerEnded | undefined,
): Promise<Opened> {
  const { response, route } = sent
  if (!response.ok || ended === undefined) return sent
  const { host } = new URL(route.url)
  const answer = await openChatAnswer(options.world, response, body.wantsStream, watchAnswer(ended)).catch(
    (error: unknown) => {
      throw noAnswer(host, error)
    },
  )
  if ("good" in answer) return { ...sent, response: answer.good }
  const refusal = await refusalOf(options.world, answer.bad, host, asked.signal)
  return { ...sent, refusal: { ...refusal, ...findErrorDocument(refusal.text) } }
}

/** The response as the host gets it: itself when it is good. */
async function settled(
  options: QwenFetchOptions,
  asked: AskedRequest,
  body: ReadBody,
  { response, route, credential, refusal }: Opened,
): Promise<Response> {
  if (response.status >= 300 && response.status < 400) throw await redirectRefused(response)
  if (response.ok && refusal === undefined && !isHtml(response.headers)) {
    options.outcome?.(credential, undefined)
    return response
  }
  const waitMs = retryAfterMs(response.headers, options.world.now())
  const answer = refusal ?? (await refusalOf(options.world, response, new URL(route.url).host, asked.signal))
  const { error, status } = route.failure({ answer, model: body.model(), waitMs })
  options.outcome?.(credential, error)
  options.world.log.debug("The API refused a request.", { status: response.status, code: error.code })
  return errorResponse(error, status, wordsFor(options, error), waitMs)
}

/** Reads an error answer, which may break off or never end. */
function refusalOf(world: World, response: Response, host: string, signal: AbortSignal | undefined): Promise<Answer> {
  return withDeadline(world, REFUSAL_TIMEOUT_MS, host, signal, async (deadline) => {
    const reading = readAnswer(response).catch((error: unknown) => {
      throw noAnswer(host, error)
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
  return new QwenAuthError("redirect_refused", `Qwen's API was answered by a redirect to ${readable(where, 80)}.`, {
    remedy: "It was not followed, to keep the sign-in safe. Check for a proxy or a captive portal.",
  })
}

function wordsFor(options: QwenFetchOptions, error: QwenAuthError): string {
  return options.words?.(error) ?? error.sentence
}
