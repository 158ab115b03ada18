import { isRateLimited, type SignInState } from "./storage/sign-in.ts"
import { timeInWords, WORDS, words } from "./words.ts"

/** What `Show Qwen account status` says: who, until when, what went wrong last and what helps. */
export function statusInWords(state: SignInState, now: number): string {
  const { credential, problem, renewedAt, lastError } = state
  const { status } = WORDS
  if (credential === undefined) return problem === undefined ? status.nobody : words(problem)
  const lines: string[] = [credential.type === "oauth" ? status.account : status.key(credential)]
  if (problem !== undefined) lines.push(words(problem))
  else if (credential.type === "oauth") lines.push(status.validUntil(timeInWords(credential.expiresAt, now)))
  if (renewedAt !== undefined) lines.push(status.renewedAt(timeInWords(renewedAt, now)))
  if (lastError !== undefined && lastError.error !== problem) {
    lines.push(status.last(timeInWords(lastError.at, now), words(lastError.error)))
    if (isRateLimited(state, now)) lines.push(status.rateLimited)
  }
  return lines.join("\n")
}
