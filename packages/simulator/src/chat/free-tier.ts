import type { Reply } from "../http/reply.ts"
import { apiError, tokenRejected } from "./api-error.ts"

/** Whether the free tier works; else how chat refuses every valid token since its end. */
export const FREE_TIERS = ["on", "ended-401", "ended-429", "ended-403"] as const
export type FreeTier = (typeof FREE_TIERS)[number]

/** The observed responses of the OAuth route's chat after the end of the free tier. */
export function freeTierEnded(freeTier: FreeTier): Reply | undefined {
  switch (freeTier) {
    case "on":
      return undefined
    case "ended-401":
      return tokenRejected()
    case "ended-429":
      return quotaExceeded()
    case "ended-403":
      return freeQuotaUsedUp(403)
  }
}

export function quotaExceeded(): Reply {
  const message = "You exceeded your current quota, please check your plan and billing details."
  return apiError(429, "insufficient_quota", message, "insufficient_quota")
}

export function freeQuotaUsedUp(status: 403 | 429): Reply {
  return apiError(status, "insufficient_quota", "Free allocated quota exceeded.", "insufficient_quota")
}
