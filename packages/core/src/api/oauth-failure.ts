import { OAUTH_MODELS } from "../catalog/oauth-models.ts"
import { KEY_PAGES } from "../catalog/plans.ts"
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
import { serviceError } from "./service-error.ts"

const NO_FREE_TIER = "Alibaba ended the free Qwen OAuth tier on 2026-04-15"
const SIGN_IN_WITH_KEY = "Sign in with Model Studio instead."
const ACCOUNT_MODELS = "A Qwen account has coder-model and vision-model; for other models, sign in with Model Studio."
const USE_A_KEY =
  "Use a Qwen Cloud (Model Studio) API key (Coding Plan, Token Plan or pay as you go): " +
  `${KEY_PAGES.international} (China: ${KEY_PAGES.china}).`

/**
 * Classifies an error response of the OAuth route. Use it only for OAuth credentials, because the same message has
 * different meanings on different routes.
 */
export function oauthFailure(accessToken: string, refusal: RefusedRequest): ApiFailure {
  const { answer } = refusal
  const common = commonFailure(answer)
  if (common !== undefined) return common
  const service = serviceError(answer, accessToken)
  if (/session has expired|sign in again/i.test(service.message)) {
    return apiFailure(401, "session_expired", "Qwen no longer accepts this sign-in.", "Sign in again.")
  }
  if (answer.status === 401) return freeTierEnded("Qwen rejects this account's sign-in although it is fresh")
  if (
    /insufficient_quota/.test(service.code) ||
    /exceeded your current quota|free allocated quota/i.test(service.message)
  ) {
    return freeTierEnded("This account has no free quota left")
  }
  if (answer.status === 429) return rateLimited(refusal)
  if (isUnknownModel(answer, service)) {
    const isAccountModel = OAUTH_MODELS.some(({ id }) => id === refusal.model)
    return unknownModel(refusal, isAccountModel ? SIGN_IN_WITH_KEY : ACCOUNT_MODELS)
  }
  return refused(answer, service)
}

function freeTierEnded(reason: string): ApiFailure {
  return apiFailure(403, "free_tier_ended", `${reason}: ${NO_FREE_TIER}.`, USE_A_KEY)
}
