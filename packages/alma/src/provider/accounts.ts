import { endpointLabel } from "qwen-auth-core"
import type { AlmaAccount, AlmaQuota } from "../host.ts"
import { MESSAGES } from "../messages.ts"
import { isRateLimited, type SignInState } from "../storage/sign-in.ts"

/**
 * Returns the one account of the sign-in, or none. The service says how much is left only when nothing is.
 * @param now epoch ms
 */
export function accountsOf(state: SignInState, now: number): AlmaAccount[] {
  const { credential } = state
  if (credential === undefined) return []
  const label = credential.type === "oauth" ? MESSAGES.accountLabel : endpointLabel(credential)
  const quota = usedUpQuota(state, label, now)
  return [{ id: "qwen", label, isRateLimited: isRateLimited(state, now), ...(quota === undefined ? {} : { quota }) }]
}

/** The quota after an answer that said that it is used up, until it is reset or a request succeeds. */
function usedUpQuota({ usedUp }: SignInState, name: string, now: number): AlmaQuota | undefined {
  if (usedUp === undefined || (usedUp.resetsAt !== undefined && usedUp.resetsAt <= now)) return undefined
  const resetTime = usedUp.resetsAt === undefined ? {} : { resetTime: new Date(usedUp.resetsAt).toISOString() }
  return { models: [{ name, percentage: 0, ...resetTime }], lastUpdated: new Date(usedUp.at).toISOString() }
}
