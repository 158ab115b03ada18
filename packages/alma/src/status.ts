import { formatTime, MESSAGES, userMessage } from "./messages.ts"
import { isRateLimited, type SignInState } from "./storage/sign-in.ts"

/**
 * Formats the sign-in for the command `Show Qwen account status`: the kind of sign-in, its expiry, and the last error with its remedy.
 * @param now epoch ms
 */
export function formatStatus(state: SignInState, now: number): string {
  const { credential, problem, refreshedAt, lastError } = state
  const { status } = MESSAGES
  if (credential === undefined) return problem === undefined ? status.signedOut : userMessage(problem)
  const lines: string[] = [credential.type === "oauth" ? status.account : status.key(credential)]
  if (problem !== undefined) lines.push(userMessage(problem))
  else if (credential.type === "oauth") lines.push(status.validUntil(formatTime(credential.expiresAt, now)))
  if (refreshedAt !== undefined) lines.push(status.refreshedAt(formatTime(refreshedAt, now)))
  if (lastError !== undefined && lastError.error !== problem) {
    lines.push(status.lastError(formatTime(lastError.at, now), userMessage(lastError.error)))
    if (isRateLimited(state, now)) lines.push(status.rateLimited)
  }
  return lines.join("\n")
}
