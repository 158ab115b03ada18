import {
  accessDenied,
  apiError,
  codingAgentsOnly,
  incorrectKey,
  invalidKeyProvided,
  invalidParameter,
  modelNotFound,
  modelNotSupported,
  planKeyRefused,
  ruleBroken,
  sessionExpired,
  tokenRejected,
  unpurchased,
} from "../chat/api-error.ts"
import { freeQuotaUsedUp, quotaExceeded } from "../chat/free-tier.ts"
import { inputRangeError } from "../chat/prompt-limits.ts"
import { emptyReply, htmlReply, type Reply } from "../http/reply.ts"
import { budgetTooLarge, FORCED_WHILE_THINKING, THINKING_UNSTREAMED } from "../models/model-rules.ts"
import { invalidClient, refreshTokenRefused } from "../oauth/oauth-reply.ts"
import { quotaUsedUp, quotaUsedUpNatively } from "../plans/used-up-quota.ts"
import { firewallPage } from "./firewall-page.ts"

/** The facts about a request that a named answer may contain. */
export interface Answered {
  /** Epoch milliseconds. */
  now: number
  /** The requested model; empty without one. */
  model: string
}

/** All observed or documented refusals, by their names in a scenario. */
const NAMED_ANSWERS = {
  "token-rejected": tokenRejected,
  "session-expired": sessionExpired,
  "incorrect-key": incorrectKey,
  "plan-key-refused": planKeyRefused,
  "invalid-key-provided": invalidKeyProvided,
  "coding-agents-only": codingAgentsOnly,
  "wrong-path": () => emptyReply(404),
  "model-not-supported": ({ model }) => modelNotSupported(model),
  "model-not-found": ({ model }) => modelNotFound(model),
  "access-denied": accessDenied,
  unpurchased,
  "token-month-used-up": ({ now }) => quotaUsedUp("month", now),
  "token-week-used-up": ({ now }) => quotaUsedUp("week", now),
  "token-month-used-up-native": ({ now }) => quotaUsedUpNatively("month", now),
  "token-week-used-up-native": ({ now }) => quotaUsedUpNatively("week", now),
  "concurrency-quota": () => throttled("limit_requests", "concurrency allocated quota exceeded"),
  "rate-quota": () => throttled("Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
  "burst-rate": () =>
    throttled("Throttling.BurstRate", "Request rate increased too quickly, please slow down and try again later."),
  concurrency: () => throttled("Throttling.Concurrency", "Too many concurrent requests, please try again later."),
  "rate-limit-seconds": () => rateLimited("7"),
  "rate-limit-date": ({ now }) => rateLimited(new Date(now + 7_000).toUTCString()),
  arrearage: () =>
    apiError(400, "Arrearage", "Access denied, please make sure your account is in good standing.", "Arrearage"),
  "free-tier-only": () =>
    apiError(
      403,
      "AllocationQuota.FreeTierOnly",
      'The free tier of the model has been exhausted. If you wish to continue access the model on a paid basis, please disable the "use free tier only" mode in the management console.',
      "AllocationQuota.FreeTierOnly",
    ),
  "free-quota-429": quotaExceeded,
  "free-allocated-429": () => freeQuotaUsedUp(429),
  "free-allocated-403": () => freeQuotaUsedUp(403),
  "input-too-long": () => inputRangeError(983_616),
  "thinking-unstreamed": () => invalidParameter(THINKING_UNSTREAMED),
  "budget-too-large": () => invalidParameter(budgetTooLarge(81_920)),
  "tool-choice-while-thinking": () => invalidParameter(FORCED_WHILE_THINKING),
  "bad-request": () => ruleBroken("bad request"),
  "refresh-token-refused": refreshTokenRefused,
  "client-refused": invalidClient,
  firewall: firewallPage,
  "firewall-405": () => ({ ...firewallPage(), status: 405 }),
  gateway: () => htmlReply(504, "<html><head><title>504 Gateway Time-out</title></head><body></body></html>"),
} satisfies Record<string, (answered: Answered) => Reply>

export type NamedAnswer = keyof typeof NAMED_ANSWERS

export const ANSWER_NAMES = Object.keys(NAMED_ANSWERS).filter(isName)

function isName(key: string): key is NamedAnswer {
  return Object.hasOwn(NAMED_ANSWERS, key)
}

/** The reply that a name stands for. */
export function namedReply(name: NamedAnswer, answered: Answered): Reply {
  const reply: (answered: Answered) => Reply = NAMED_ANSWERS[name]
  return reply(answered)
}

function throttled(code: string, message: string): Reply {
  return apiError(429, code, message, code)
}

function rateLimited(retryAfter: string): Reply {
  const { status, headers, body } = apiError(429, "rate_limit_exceeded", "Rate limit exceeded", "rate_limit_exceeded")
  return { status, headers: { ...headers, "retry-after": retryAfter }, body }
}
