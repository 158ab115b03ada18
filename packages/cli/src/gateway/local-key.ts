import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"

/** Returns a new random key of 32 bytes for the clients of one gateway. */
export function newLocalKey(randomBytes: (size: number) => Uint8Array): string {
  return `qwen-auth-${Buffer.from(randomBytes(32)).toString("base64url")}`
}

/**
 * Returns whether a request has the local key: in `Authorization: Bearer`, as OpenAI's clients send it, or in
 * `x-api-key`, as Anthropic's clients do. The comparison takes the same time for every key.
 */
export function hasLocalKey(headers: IncomingHttpHeaders, localKey: string): boolean {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? []
  const apiKey = headers["x-api-key"]
  return [bearer, typeof apiKey === "string" ? apiKey : undefined].some(
    (given) => given !== undefined && timingSafeEqual(digest(given), digest(localKey)),
  )
}

/** Digests have a fixed length, so the comparison does not reveal the length of the key. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
