import { createHash } from "node:crypto"
import type { Platform } from "../platform.ts"

/** The proof key of one sign-in (RFC 7636), method S256. The verifier is a secret until the token request. */
export interface Pkce {
  /** 32 random bytes in base64url, 43 characters (RFC 7636 §4.1). */
  readonly verifier: string
  /** The SHA-256 of the verifier in base64url (RFC 7636 §4.2). */
  readonly challenge: string
}

/** Creates a new proof key. */
export function createPkce(platform: Pick<Platform, "randomBytes">): Pkce {
  const verifier = Buffer.from(platform.randomBytes(32)).toString("base64url")
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") }
}
