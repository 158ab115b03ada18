import { createHash } from "node:crypto"

/** What a console's page may show in place of a key: no host takes it, and nobody gets the key from it. */
export function obfuscatedKey(key: string): string {
  return `o1_${createHash("sha256").update(key).digest("base64url")}`
}
