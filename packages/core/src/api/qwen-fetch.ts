import { QwenAuthError } from "../errors.ts"
import { abortableWait } from "../http/deadline.ts"
import { networkError } from "../http/network-error.ts"
import { checkResponse, clientResponse, dropBody } from "./client-response.ts"
import { getConversationKey } from "./conversation-key.ts"
import { errorResponse, failureStatus } from "./error-response.ts"
import type { ApiResponse, Exchange, QwenFetchOptions } from "./exchange.ts"
import { parseFetchArguments } from "./incoming-request.ts"
import { keyRoute } from "./key-route.ts"
import { oauthRoute } from "./oauth-route.ts"
import { PreparedBodies } from "./prepared-bodies.ts"
import { ReplayGate } from "./replay-gate.ts"
import { hostOf } from "./route.ts"
import { UnusableAnswers } from "./unusable-answers.ts"

/** The type of the standard `fetch`, which every OpenAI-compatible client accepts. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

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
  const replays = new ReplayGate<ApiResponse>()
  const unusable = new UnusableAnswers()
  return async (input, init) => {
    const request = await parseFetchArguments(input, init)
    try {
      const body = bodies.read(request)
      const conversation = getConversationKey(request, body)
      if (conversation === undefined)
        return await sendWithRefresh({ options, request, body, ended: undefined }, replays)
      unusable.throwDuringLoop(conversation)
      const ended = (usable: boolean) => unusable.note(conversation, usable)
      return await sendWithRefresh({ options, request, body, ended }, replays)
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      if (!QwenAuthError.isInstance(error)) throw error
      options.outcome?.(undefined, error)
      return errorResponse(error, failureStatus(error), options.formatError)
    }
  }
}

/** Sends the request, and sends it once more with a refreshed token if the API rejects the token. */
async function sendWithRefresh(exchange: Exchange, replays: ReplayGate<ApiResponse>): Promise<Response> {
  const { credentials, platform } = exchange.options
  const { signal } = exchange.request
  const credential = await abortableWait(credentials.getCredential({ signal }), signal)
  const first = await checkResponse(exchange, await send(exchange, credential))
  if (first.status !== 401 || credential.type !== "oauth") return clientResponse(exchange, first)
  await dropBody(first.response)
  platform.log.debug("The API rejected the token. It is refreshed, and the request is sent once more.")
  const refreshed = await credentials.refresh(credential, { signal })
  const replay = () => send(exchange, refreshed)
  const second = refreshed.type === "oauth" ? await replays.send(refreshed.accessToken, replay, signal) : await replay()
  return clientResponse(exchange, await checkResponse(exchange, second))
}

async function send({ options, request, body }: Exchange, credential: ApiResponse["credential"]): Promise<ApiResponse> {
  const { userAgent, apiBaseUrl, platform } = options
  const promptCache = (await options.promptCache?.()) ?? true
  const settings = { userAgent, apiBaseUrl, promptCache, log: platform.log }
  const route =
    credential.type === "oauth"
      ? oauthRoute(credential, request, body, settings)
      : await keyRoute(credential, request, body, settings)
  const { text } = route.body
  const init = { ...request.init, headers: route.headers, ...(text === undefined ? {} : { body: text }) }
  // Do not follow redirects. They would send the credential to any host that the response names.
  const response = await platform.fetch(route.url, { ...init, redirect: "manual" }).catch((error: unknown) => {
    throw networkError(hostOf(route), error)
  })
  options.credentials.syncClock(response.headers)
  return { response, route, credential }
}
