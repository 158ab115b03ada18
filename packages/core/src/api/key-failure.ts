import { type ApiEndpoint, endpointLabel, planOf } from "../catalog/plans.ts"
import { sanitizeText } from "../log/sanitize-text.ts"
import {
  type ApiFailure,
  apiFailure,
  commonFailure,
  contextFull,
  isUnknownModel,
  type RefusedRequest,
  rateLimited,
  refused,
  unknownModel,
} from "./api-failure.ts"
import { type ServiceError, serviceError } from "./service-error.ts"

const OTHER_KEY = "Check the plan and the key in the Model Studio console, then sign in again with a key for this plan."

/**
 * What an error answer means that a key got: that depends on the place as much as on the text.
 * @param userAgent the request's `User-Agent`, by which a plan recognises coding agents; null when it had none
 */
export function keyFailure(
  site: ApiEndpoint,
  apiKey: string,
  refusal: RefusedRequest,
  userAgent: string | null = null,
): ApiFailure {
  const { answer } = refusal
  const common = commonFailure(refusal)
  if (common !== undefined) return common
  const said = serviceError(answer, apiKey)
  if (/only available for coding agents/i.test(said.message)) return clientNotAllowed(site, userAgent)
  if (isUnknownModel(answer, said)) return unknownModel(refusal, `Choose a model of the ${planOf(site.plan).name}.`)
  if (isUsedUp(site, answer.status, said)) return quotaExhausted(site, said)
  if (answer.status === 401 || isKeyRefusal(answer.status, said)) return keyRejected(site, apiKey)
  if (answer.status === 429) return rateLimited(refusal)
  return contextFull(refusal, said) ?? refused(refusal, said)
}

/** `hour allocated quota exceeded` and the like. Other words with "quota" pass within a minute to an hour: rate limits (documented). */
const PLAN_USED_UP = /\b(?:hour|day|week|month)\w* allocated quota|insufficient_quota/i
/** The account itself has nothing left. */
const ACCOUNT_USED_UP = /arrearage|good standing|overdue|free ?tier|free allocated quota/i

/**
 * A plan's quota comes back after hours or weeks. Paying as one goes, "You exceeded your current quota" with 429 is the limit of
 * tokens per minute (documented, and reported by users whose next try worked): a rate limit.
 */
function isUsedUp({ plan }: ApiEndpoint, status: number, { code, message }: ServiceError): boolean {
  const said = `${code} ${message}`
  if (plan !== "pay-as-you-go")
    return ACCOUNT_USED_UP.test(said) || (PLAN_USED_UP.test(said) && !/#token-limit/.test(said))
  return status !== 429 && (ACCOUNT_USED_UP.test(said) || /insufficient_quota/i.test(said))
}

function isKeyRefusal(status: number, { code, message }: ServiceError): boolean {
  return status === 403 && /invalid[ _-]?api[ _-]?key/i.test(`${code} ${message}`)
}

function clientNotAllowed(site: ApiEndpoint, userAgent: string | null): ApiFailure {
  // The first product is what is recognised; the rest names libraries.
  const agent = sanitizeText(userAgent ?? "", 60).split(" ")[0]
  const sent = agent ? `"${agent}" is not one of them` : "the request did not name one"
  const message = `The ${endpointLabel(site)} accepts only coding agents that it knows, and ${sent}.`
  const remedy = "Update this program, or use a Token Plan key or a pay-as-you-go key."
  return apiFailure(403, "client_not_allowed", message, remedy)
}

function keyRejected(site: ApiEndpoint, apiKey: string): ApiFailure {
  const where = inSentence(site)
  const planKey = apiKey.startsWith("sk-sp-")
  if (site.plan === "pay-as-you-go" && planKey) {
    const message = `This is a plan's key (sk-sp-…), which ${where} does not accept.`
    return apiFailure(401, "api_key_rejected", message, "Sign in again and choose Coding Plan or Token Plan.")
  }
  const message =
    site.plan === "pay-as-you-go"
      ? `Model Studio does not accept this key for ${where}: it was deleted, or belongs to another region or workspace.`
      : `Model Studio does not accept this key for ${where}: it belongs to another plan or region, or the plan has expired.`
  return apiFailure(401, "api_key_rejected", message, OTHER_KEY)
}

/** `the Coding Plan (China)`, `pay as you go (US)` */
function inSentence(site: ApiEndpoint): string {
  return site.plan === "pay-as-you-go" ? endpointLabel(site).replace("Pay", "pay") : `the ${endpointLabel(site)}`
}

function quotaExhausted(site: ApiEndpoint, said: ServiceError): ApiFailure {
  const which = usedUp(said)
  const remedy =
    site.plan === "pay-as-you-go"
      ? "Check the balance and limits of the account in the Model Studio console."
      : "Wait until the plan's next period, or choose another plan in the Model Studio console."
  const message = `The quota for ${inSentence(site)} is used up${which === "" ? "" : ` (${which})`}.`
  return apiFailure(403, "quota_exhausted", message, remedy)
}

const LIMITS: readonly (readonly [RegExp, string])[] = [
  [/\bhour/i, "hourly limit"],
  [/\bday/i, "daily limit"],
  [/\bweek/i, "weekly limit"],
  [/\bmonth/i, "monthly limit"],
]

/** What exactly is used up, and until when, as far as the service tells: facts taken out of its text. */
function usedUp({ code, message }: ServiceError): string {
  if (/arrearage|good standing|overdue/i.test(`${code} ${message}`)) return "the account has an unpaid bill"
  if (/free ?tier|free allocated quota/i.test(`${code} ${message}`)) return "the free allowance"
  const limit = LIMITS.find(([period]) => period.test(message))?.[1] ?? ""
  const [, reset] = /\breset at (\d\d-\d\d \d\d:\d\d)(?::\d\d)? UTC\b/i.exec(message) ?? []
  return [limit, reset === undefined ? "" : `it resets at ${reset} UTC`].filter((fact) => fact !== "").join(", ")
}
