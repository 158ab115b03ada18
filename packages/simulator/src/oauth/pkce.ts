import { createHash, timingSafeEqual } from "node:crypto"

/** Whether a challenge can be an S256 one: base64url of 32 bytes (RFC 7636 §4.2). */
export function isS256Challenge(challenge: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(challenge)
}

/** Whether the verifier is well formed (RFC 7636 §4.1) and matches the challenge (§4.6). */
export function verifierMatches(verifier: string, challenge: string): boolean {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false
  const made = createHash("sha256").update(verifier).digest("base64url")
  return made.length === challenge.length && timingSafeEqual(Buffer.from(made), Buffer.from(challenge))
}
