import { secretOf } from "../credentials/credential.ts"
import { QwenAuthError } from "../errors.ts"
import { type Answer, isHtml, isJson, readAnswer } from "../http/answer.ts"
import { abortableWait, withDeadline } from "../http/deadline.ts"
import { networkError } from "../http/network-error.ts"
import { retryAfterMs } from "../http/retry-after.ts"
import { sanitizeText } from "../log/sanitize-text.ts"
import { watchAnswer } from "./answer-watch.ts"
import { openChatAnswer } from "./chat-answer.ts"
import { findErrorDocument } from "./error-document.ts"
import { errorResponse } from "./error-response.ts"
import type { ApiResponse, Exchange } from "./exchange.ts"
import { joinStream } from "./join-stream.ts"
import { hostOf } from "./route.ts"
import { serviceError } from "./service-error.ts"

/** Maximum time to read an error response, ms. */
const ERROR_TIMEOUT_MS = 15_000

/** A response whose beginning was checked. */
export interface CheckedResponse extends ApiResponse {
  /** The status of the answer: that of the response, or the one that an error in it should have had. */
  readonly status: number
  /** The error in a chat response with a successful status. */
  readonly refusal?: Answer
}

/** Checks the beginning of a chat response with a successful status. */
export async function checkResponse(exchange: Exchange, received: ApiResponse): Promise<CheckedResponse> {
  const { options, body, ended } = exchange
  const { response, route } = received
  const checked = { ...received, status: response.status }
  if (!response.ok || ended === undefined) return checked
  const watch = watchAnswer(ended)
  const answer = await openChatAnswer(options.platform, response, body.wantsStream, watch).catch((error: unknown) => {
    throw networkError(hostOf(route), error)
  })
  if ("good" in answer) {
    const good = { ...checked, response: answer.good }
    return route.body.joins && !isJson(response.headers) ? joinAnswer(exchange, good) : good
  }
  const refusal = await readErrorAnswer(exchange, { ...received, response: answer.bad })
  return withRefusal(received, { ...refusal, ...findErrorDocument(refusal.text) })
}

function withRefusal(received: ApiResponse, refusal: Answer): CheckedResponse {
  return { ...received, status: refusal.status, refusal }
}

/** Joins a stream to the single document that the caller requested. */
async function joinAnswer({ request }: Exchange, received: CheckedResponse): Promise<CheckedResponse> {
  const { body, headers } = received.response
  if (body === null) return received
  const joining = joinStream(body).catch((error: unknown) => {
    throw QwenAuthError.isInstance(error) ? error : networkError(hostOf(received.route), error)
  })
  const answer = await abortableWait(joining, request.signal)
  if ("error" in answer) {
    const { error } = answer
    return withRefusal(received, { ...error, headers, html: false, firewall: false, text: JSON.stringify(error.json) })
  }
  const answerHeaders = new Headers(headers)
  answerHeaders.set("content-type", "application/json")
  for (const name of ["content-length", "content-encoding", "transfer-encoding"]) answerHeaders.delete(name)
  return { ...received, response: new Response(JSON.stringify(answer.completion), { headers: answerHeaders }) }
}

/**
 * Returns the response for the caller: a successful response itself, or an explained error.
 * @throws QwenAuthError `redirect_refused`; `service_unreachable`: an error response could not be read
 */
export async function clientResponse(exchange: Exchange, checked: CheckedResponse): Promise<Response> {
  const { options, body } = exchange
  const { response, route, credential, refusal } = checked
  if (response.status >= 300 && response.status < 400) throw await redirectRefusedError(response)
  if (response.ok && refusal === undefined && !isHtml(response.headers)) {
    options.outcome?.(credential, undefined)
    return response
  }
  const { log, timeZone } = options.platform
  const now = options.platform.now()
  const waitMs = retryAfterMs(response.headers, now)
  const answer = refusal ?? (await readErrorAnswer(exchange, checked))
  const failure = route.classify({ answer, model: body.model(), waitMs, now, timeZone })
  const { error, status } = failure
  options.outcome?.(credential, error)
  const service = serviceError(answer, secretOf(credential))
  log.debug("The API refused a request.", { status: response.status, code: error.code, service })
  return errorResponse(error, status, options.formatError, failure.waitMs ?? waitMs)
}

/** Reads an error response, with a limit on its time. */
function readErrorAnswer({ options, request }: Exchange, { response, route }: ApiResponse): Promise<Answer> {
  const host = hostOf(route)
  return withDeadline(options.platform, ERROR_TIMEOUT_MS, host, request.signal, async (deadline) => {
    const reading = readAnswer(response).catch((error: unknown) => {
      throw networkError(host, error)
    })
    return abortableWait(reading, deadline)
  })
}

async function redirectRefusedError(response: Response): Promise<QwenAuthError> {
  await dropBody(response)
  const location = response.headers.get("location") ?? ""
  const where = URL.canParse(location) ? new URL(location).host : "another address"
  return new QwenAuthError("redirect_refused", `Qwen's API responded with a redirect to ${sanitizeText(where, 80)}.`, {
    remedy: "It was not followed, to protect the sign-in. Check for a proxy or a captive portal.",
  })
}

/** Cancels the body of a response that nobody will read. */
export async function dropBody(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {})
}
