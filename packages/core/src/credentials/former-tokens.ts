import { createHash } from "node:crypto"
import type { Credential } from "./credential.ts"
import type { Stored } from "./credential-store.ts"

/** Maximum number of ids. A token lives about six hours, so this is more than three weeks of uninterrupted use. */
const MAX_IDS = 96

/**
 * Returns a short id of a refresh token, which does not reveal it. Two programs that hold different tokens of one
 * sign-in recognise each other by it.
 */
export function tokenId(refreshToken: string): string {
  return createHash("sha256").update(refreshToken).digest("hex").slice(0, 16)
}

/** Returns the ids of all refresh tokens of a stored account, the current one first. Empty without an account. */
export function tokenIds({ credential, formerTokens = [] }: Stored): readonly string[] {
  return credential?.type === "oauth" ? [tokenId(credential.refreshToken), ...formerTokens] : []
}

/** Returns the ids to store with a credential that was refreshed from `replaced`, newest first. */
export function formerTokensAfter(replaced: Stored, refreshed: Credential): readonly string[] {
  const current = tokenIds({ credential: refreshed })
  return [...new Set(tokenIds(replaced))].filter((id) => !current.includes(id)).slice(0, MAX_IDS)
}
