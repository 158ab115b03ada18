import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"

/** Returns a new random key of 32 bytes for the clients of one gateway. */
export function newLocalKey(randomBytes: (size: number) => Uint8Array): string {
  return `qwen-auth-${Buffer.from(randomBytes(32)).toString("base64url")}`
}

/**
 * Returns true if a request has the local key, as OpenAI's clients send it (`Authorization: Bearer`) or as Anthropic's
 * do (`x-api-key`). The comparison takes the same time for every key.
 */
export function hasLocalKey(headers: IncomingHttpHeaders, localKey: string): boolean {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? []
  const apiKey = headers["x-api-key"]
  return [bearer, typeof apiKey === "string" ? apiKey : undefined].some(
    (given) => given !== undefined && timingSafeEqual(digest(given), digest(localKey)),
  )
}

/** Digests have one length, so the comparison does not tell the key's. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
