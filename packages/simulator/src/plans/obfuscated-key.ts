import { createHash } from "node:crypto"

/** The obfuscated form of a key on a console's page. No host accepts it, and the key cannot be derived from it. */
export function obfuscatedKey(key: string): string {
  return `o1_${createHash("sha256").update(key).digest("base64url")}`
}
