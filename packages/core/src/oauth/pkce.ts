import { createHash } from "node:crypto"
import type { Platform } from "../platform.ts"

/** A proof key for one sign-in (RFC 7636), method S256. The verifier is a secret until the token request. */
export interface Pkce {
  /** base64url of 32 random bytes, 43 characters (RFC 7636 §4.1). */
  readonly verifier: string
  /** base64url of the verifier's SHA-256 (RFC 7636 §4.2). */
  readonly challenge: string
}

/** A fresh proof key. */
export function createPkce(platform: Pick<Platform, "randomBytes">): Pkce {
  const verifier = Buffer.from(platform.randomBytes(32)).toString("base64url")
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") }
}
