import { type ApiEndpoint, endpointLabel, planOf } from "../catalog/plans.ts"
import { isPlanKey } from "../credentials/api-key.ts"
import { QwenAuthError } from "../errors.ts"
import type { Answer } from "../http/answer.ts"
import { sanitizeText } from "../log/sanitize-text.ts"
import {
  type ApiFailure,
  apiFailure,
  commonFailure,
  isUnknownModel,
  type RefusedRequest,
  rateLimited,
  refused,
  unknownModel,
} from "./api-failure.ts"
import { formatTimeOfReset, quotaResetTime } from "./quota-reset.ts"
import { type ServiceError, serviceError } from "./service-error.ts"

const OTHER_KEY = "Check the plan and the key in the Model Studio console, then sign in again with a key for this plan."

/**
 * Classifies an error response to a request with an API key. The same message has different meanings at different
 * endpoints.
 * @param userAgent the request's `User-Agent`, by which the Coding Plan recognises coding agents; null if it had none
 */
export function keyFailure(
  endpoint: ApiEndpoint,
  apiKey: string,
  refusal: RefusedRequest,
  userAgent: string | null,
): ApiFailure {
  const { answer } = refusal
  const common = commonFailure(answer)
  if (common !== undefined) return common
  const service = serviceError(answer, apiKey)
  if (isClientRefusal(answer, service)) return clientNotAllowed(endpoint, userAgent)
  if (isUnknownModel(answer, service)) return unknownModel(refusal, modelRemedy(endpoint, service))
  if (isUsedUp(endpoint, answer.status, service)) return quotaExhausted(endpoint, refusal, service)
  if (answer.status === 401 || isKeyRefusal(answer.status, service)) return keyRejected(endpoint, apiKey)
  if (answer.status === 429 || TOO_MANY_AT_ONCE.test(service.message)) {
    const usedUp = (refusal.waitMs ?? 0) > MAX_RATE_LIMIT_MS
    return usedUp ? quotaExhausted(endpoint, refusal, service) : rateLimited(refusal)
  }
  if (answer.status === 404 && answer.text.trim() === "") return wrongPath(endpoint)
  return refused(answer, service)
}

/** The longest wait of a rate limit, ms. After a longer wait, a host should not send the request again by itself. */
const MAX_RATE_LIMIT_MS = 24 * 60 * 60_000

/** The Coding Plan's message. The status that comes with it is uncertain. */
const TOO_MANY_AT_ONCE = /\bconcurrency allocated quota exceeded/i

/**
 * Matches messages like `hour allocated quota exceeded`. Other messages about quotas are rate limits, which end within a
 * minute to an hour (documented).
 */
const PLAN_USED_UP = /\b(?:hour|day|week|month)\w* allocated quota|insufficient_quota|quota has been exhausted/i
/** Matches messages about the account itself, not the plan. */
const ACCOUNT_USED_UP = /arrearage|good standing|overdue|free ?tier|free allocated quota/i

/**
 * Returns true if a quota is used up for hours or longer. For pay as you go, "You exceeded your current quota" with
 * status 429 is the limit of tokens per minute, which is a rate limit (documented, and reported by users whose next
 * request worked).
 */
function isUsedUp({ plan }: ApiEndpoint, status: number, { code, message }: ServiceError): boolean {
  const text = `${code} ${message}`
  const account = ACCOUNT_USED_UP.test(text)
  if (plan === "pay-as-you-go") return status !== 429 && (account || /insufficient_quota/i.test(text))
  return account || (PLAN_USED_UP.test(text) && !/#token-limit/.test(text))
}

/** The Coding Plan refuses an unknown agent with 405 and a string instead of an error object. Earlier it sent 403. */
function isClientRefusal({ status, json }: Answer, { message }: ServiceError): boolean {
  return (status === 405 && typeof json?.["error"] === "string") || /only available for coding agents/i.test(message)
}

function modelRemedy({ plan }: ApiEndpoint, { code, message }: ServiceError): string {
  const choose = `Choose a model of the ${planOf(plan).name}.`
  if (plan === "token-plan" && /unpurchased|access to model denied/i.test(`${code} ${message}`)) {
    return `It may belong to another tier (Personal, Team). ${choose}`
  }
  return /not supported/i.test(message) ? `${choose} Capital and small letters differ.` : choose
}

function wrongPath(endpoint: ApiEndpoint): ApiFailure {
  const message = `There is nothing at this address of ${inSentence(endpoint)} (HTTP 404 without content).`
  return apiFailure(404, "request_refused", message, "Sign in again with the address that the console shows.")
}

function isKeyRefusal(status: number, { code, message }: ServiceError): boolean {
  return (status === 400 || status === 403) && /invalid[ _-]?api[ _-]?key/i.test(`${code} ${message}`)
}

function clientNotAllowed(endpoint: ApiEndpoint, userAgent: string | null): ApiFailure {
  // The plan checks the first product. The others are libraries.
  const agent = sanitizeText(userAgent ?? "", 60).split(" ")[0]
  const sent = agent ? `"${agent}" is not one of them` : "the request did not name one"
  const message = `The ${endpointLabel(endpoint)} accepts only coding agents that it knows, and ${sent}.`
  const remedy = "Update this program, or use a Token Plan key or a pay-as-you-go key."
  return apiFailure(403, "client_not_allowed", message, remedy)
}

function keyRejected(endpoint: ApiEndpoint, apiKey: string): ApiFailure {
  const where = inSentence(endpoint)
  const payAsYouGo = endpoint.plan === "pay-as-you-go"
  if (payAsYouGo && isPlanKey(apiKey)) {
    const message = `This is a plan's key (sk-sp-…), which ${where} does not accept.`
    return apiFailure(401, "api_key_rejected", message, "Sign in again and choose Coding Plan or Token Plan.")
  }
  const reason = payAsYouGo
    ? "it was deleted, or belongs to another region or workspace"
    : "it belongs to another plan, tier or region, or the plan has expired"
  return apiFailure(
    401,
    "api_key_rejected",
    `Model Studio does not accept this key for ${where}: ${reason}.`,
    OTHER_KEY,
  )
}

/** Returns the endpoint's label as a part of a sentence: `the Coding Plan (China)`, `pay as you go (US)`. */
function inSentence(endpoint: ApiEndpoint): string {
  const label = endpointLabel(endpoint)
  return endpoint.plan === "pay-as-you-go" ? label.replace("Pay", "pay") : `the ${label}`
}

/** A quota that resets sooner is reported as a rate limit, ms. */
const SHORT_WAIT_MS = 10 * 60_000
/** The wait if the reset has just passed by our clock, ms. */
const MIN_WAIT_MS = 1_000

function quotaExhausted(endpoint: ApiEndpoint, refusal: RefusedRequest, service: ServiceError): ApiFailure {
  const { now, waitMs, timeZone } = refusal
  const stated = quotaResetTime(service.message, now)
  if (stated !== undefined && stated - now < SHORT_WAIT_MS) {
    const wait = { waitMs: Math.max(stated - now, MIN_WAIT_MS) }
    return { ...rateLimited(wait), ...wait }
  }
  const reset = stated ?? (waitMs !== undefined && waitMs >= SHORT_WAIT_MS ? now + waitMs : undefined)
  const until = reset === undefined ? "" : ` until ${formatTimeOfReset(reset, timeZone)}`
  const limit = describeLimit(service)
  const message = `The quota for ${inSentence(endpoint)} is used up${until}${limit && ` (${limit})`}.`
  const details = { remedy: quotaRemedy(endpoint, reset !== undefined), resetsAt: reset }
  return { error: new QwenAuthError("quota_exhausted", message, details), status: 403 }
}

function quotaRemedy({ plan }: ApiEndpoint, timeKnown: boolean): string {
  if (plan === "pay-as-you-go") return "Check the balance and limits of the account in the Model Studio console."
  const wait = timeKnown ? "Wait until then" : "Wait until the plan's next period"
  return `${wait}, or choose another plan in the Model Studio console.`
}

const LIMITS: readonly (readonly [RegExp, string])[] = [
  [/\bhour/i, "hourly limit"],
  [/\bday/i, "daily limit"],
  [/\bweek/i, "weekly limit"],
  [/\bmonth/i, "monthly limit"],
]

/** Returns which limit is used up, or an empty text if the service does not name it. */
function describeLimit({ code, message }: ServiceError): string {
  if (/arrearage|good standing|overdue/i.test(`${code} ${message}`)) return "the account has an unpaid bill"
  if (/free ?tier|free allocated quota/i.test(`${code} ${message}`)) return "the free allowance"
  return LIMITS.find(([period]) => period.test(message))?.[1] ?? ""
}
