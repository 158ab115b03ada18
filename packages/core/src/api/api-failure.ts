import { QwenAuthError, type QwenAuthErrorCode } from "../errors.ts"
import { type Answer, describeAnswer } from "../http/answer.ts"
import { proxyRefusedError } from "../http/network-error.ts"
import { formatDuration } from "../http/retry-after.ts"
import { readableModelName } from "../log/sanitize-text.ts"
import type { ServiceError } from "./service-error.ts"

/** The error for a refused request, and the status that the host receives. Hosts decide by it whether to retry. */
export interface ApiFailure {
  readonly error: QwenAuthError
  readonly status: number
  /** The wait that the host receives, ms, if it differs from the response's `Retry-After`. */
  readonly waitMs?: number
}

/** A request that the API refused. */
export interface RefusedRequest {
  /** The response. On the OAuth route a 401 means that a refreshed token was rejected too. */
  readonly answer: Answer
  /** The requested model, if the request named one. */
  readonly model: string | undefined
  /** The wait from the response's `Retry-After`, ms. */
  readonly waitMs: number | undefined
  /** The time of the response, epoch ms. */
  readonly now: number
  /** The user's time zone (IANA name); undefined for the system's. */
  readonly timeZone: string | undefined
}

/** Creates an {@link ApiFailure}. */
export function apiFailure(status: number, code: QwenAuthErrorCode, message: string, remedy: string): ApiFailure {
  return { error: new QwenAuthError(code, message, { remedy }), status }
}

/** Classifies failures that mean the same on every route: a web page, a proxy, a service that is down. */
export function commonFailure(answer: Answer): ApiFailure | undefined {
  if (answer.status === 407) return { error: proxyRefusedError(), status: 403 }
  if (answer.firewall || (answer.html && answer.status < 500 && answer.status !== 429)) return webPage(answer)
  if (answer.status < 300) return notAChatResponse(answer)
  if (answer.status < 500) return undefined
  const message = `Qwen's API is not available at the moment (${describeAnswer(answer)}).`
  // A response without content probably comes from a proxy.
  const proxy = answer.text.trim() === "" ? "; if you use a proxy, check it" : ""
  return apiFailure(answer.status, "service_unreachable", message, `Wait a moment, then try again${proxy}.`)
}

function webPage({ firewall }: Answer): ApiFailure {
  const sender = firewall ? "Alibaba's web firewall" : "A web page, perhaps a proxy's or a captive portal's,"
  const remedy = "Check the network and proxy, or wait a few minutes; the sign-in is kept."
  return apiFailure(403, "web_firewall", `${sender} answered instead of Qwen's API.`, remedy)
}

/** A successful status with a body that is neither a chat response nor an error of the API. */
function notAChatResponse({ text }: Answer): ApiFailure {
  const content = text.trim() === "" ? "an empty answer" : "something other than an answer"
  const remedy = "Try again. If this happens again, choose another model, and check the proxy if you use one."
  return apiFailure(403, "unexpected_response", `Qwen's API sent ${content}.`, remedy)
}

/** Returns the failure for a rate limit. */
export function rateLimited({ waitMs }: Pick<RefusedRequest, "waitMs">): ApiFailure {
  const wait = waitMs === undefined ? "a minute" : formatDuration(waitMs)
  const message = "Qwen's rate limit is reached (too many requests)."
  return apiFailure(429, "rate_limited", message, `Wait ${wait}, then try again; fewer parallel requests help.`)
}

/**
 * Returns the failure for a model that the account or plan does not include.
 * @param remedy names the available models
 */
export function unknownModel({ model }: RefusedRequest, remedy: string): ApiFailure {
  const name = model === undefined ? "The model" : `The model "${readableModelName(model)}"`
  return apiFailure(404, "model_not_available", `${name} is not available to this account.`, remedy)
}

/** Returns true if the API refused the request because of its model. */
export function isUnknownModel({ status }: Answer, { code, message }: ServiceError): boolean {
  if (/model_?not_?found|model\.accessdenied|accessdenied\.unpurchased/i.test(code)) return true
  if (status === 404 && /\bmodel\b/i.test(message)) return true
  if (status === 403 && /access to model denied/i.test(message)) return true
  // The status of such a refusal varies. With 401 and 429 the message is about something else.
  const mayBeModel = status >= 400 && status < 500 && status !== 401 && status !== 429
  return mayBeModel && /\bmodel\b.{0,80}\b(?:not supported|does not exist|not exist|not found)/i.test(message)
}

/** Error messages of DashScope and of the vendors of the models that it serves. */
const CONTEXT_FULL = new RegExp(
  [
    "range of input length|message token length exceed",
    "context[_ ](?:length|size|window)|maximum (?:prompt|allowed input) length",
    "(?:prompt|input) is too long|prompt too long|input (?:length|token count)\\b.{0,60}\\bexceed",
    "reduce the length of the messages|too many tokens|more than max tokens|model token limit|token limit exceeded",
    "request[_ ](?:entity[_ ])?too[_ ]large",
  ].join("|"),
  "i",
)

/** Refusals of parameters that a user or a program can change: the service's message, and ours with its remedy. */
const REFUSED_PARAMETERS: readonly (readonly [pattern: RegExp, message: string, remedy: string])[] = [
  [
    /enable_thinking must be set to false for non-streaming|only support stream mode/i,
    "This model thinks only in streamed answers.",
    "Turn streaming on, or thinking off (enable_thinking: false).",
  ],
  [
    /thinking_budget parameter must be/i,
    "The thinking budget is larger than the model allows.",
    "Lower thinking_budget, or leave it out.",
  ],
  [
    /tool_choice.{0,80}\bthinking mode/i,
    "The model cannot be made to call a tool while it thinks.",
    'Set tool_choice to "auto", or turn thinking off.',
  ],
]

/** A code without digits, because hosts retry when an error contains "500". */
const PLAIN_CODE = /^(?=.{1,60}$)[A-Za-z]+(?:[._][A-Za-z]+)*$/

/** Returns the failure for any other refusal. It may contain the service's error code, but never its message. */
export function refused(answer: Answer, { code, message }: ServiceError): ApiFailure {
  // An error with a successful status becomes a 400, which hosts do not retry.
  const status = Math.max(answer.status, 400)
  if ((status === 400 || status === 413) && CONTEXT_FULL.test(`${code} ${message}`)) {
    const remedy = "Compact the conversation, or start a new one."
    return apiFailure(status, "context_length_exceeded", "The conversation is too long for the model.", remedy)
  }
  if (/data_?inspection_?failed/i.test(code)) {
    const remedy = "Rephrase it, or start a new conversation without the text that the filter objects to."
    return apiFailure(status, "request_refused", "Alibaba's content filter refused the request.", remedy)
  }
  const known = REFUSED_PARAMETERS.find(([pattern]) => pattern.test(message))
  if (known !== undefined) return apiFailure(status, "request_refused", known[1], known[2])
  const description = PLAIN_CODE.test(code) ? `${describeAnswer(answer)}, ${code}` : describeAnswer(answer)
  const remedy = "If this happens again, start a new conversation or choose another model."
  return apiFailure(status, "request_refused", `Qwen's API refused the request: ${description}.`, remedy)
}
