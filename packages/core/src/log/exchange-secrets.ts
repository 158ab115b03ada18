import type { SecretMemory } from "./secret-memory.ts"
import { fillsLine, isSecret } from "./secret-names.ts"

/** The names of OAuth secrets. Other redacted names are missing, because a remembered value is hidden everywhere. */
const OAUTH_FIELD =
  /^(access|refresh|id)[-_]?token$|^(device|user)[-_]?code$|^code[-_]?(verifier|challenge)$|client[-_]?(secret|assertion)/i
const KEY_FIELD = /api[-_]?key/i
const MAX_DEPTH = 8
/** OAuth messages are flat, or wrapped in `data`. Deeper fields with these names belong to prompts and tool schemas. */
const MAX_OAUTH_DEPTH = 2

/**
 * Remembers the secrets of a request or a response: the credentials and cookies in its headers and the secret fields in
 * its body.
 */
export function rememberSecrets(memory: SecretMemory, headers: Headers, body: unknown): void {
  for (const [name, value] of headers) {
    // A server would repeat the credential without its scheme, and a cookie's value without its attributes.
    if (/authorization$/i.test(name)) memory.remember(value.replace(/^\S+\s+/, ""))
    else if (!fillsLine(name) && isSecret(name, value)) memory.remember(value)
  }
  const cookies = [
    ...(headers.get("cookie") ?? "").split(";"),
    ...headers.getSetCookie().map((line) => line.split(";")[0]),
  ]
  for (const cookie of cookies) memory.remember(cookie?.slice(cookie.indexOf("=") + 1).trim() ?? "")
  rememberFields(memory, body, 1)
}

function rememberFields(memory: SecretMemory, value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return
  for (const [name, item] of Object.entries(value)) {
    if (typeof item !== "string") rememberFields(memory, item, depth + 1)
    else if (OAUTH_FIELD.test(name) && depth <= MAX_OAUTH_DEPTH) memory.remember(item)
    else if ((OAUTH_FIELD.test(name) || KEY_FIELD.test(name)) && !isPlaceholder(item)) memory.remember(item)
  }
}

/**
 * Returns true if a text is a placeholder from documentation, a schema or code: `string`, `YOUR_API_KEY`, `<token>`,
 * `${TOKEN}`, `sk-…`.
 */
function isPlaceholder(value: string): boolean {
  const isWords = value.length < 32 && /^[A-Za-z]+(?:[-_./][A-Za-z]+)*$/.test(value)
  return isWords || /\s|^[$%[(]|[<>{}…]|\.{3}|\*{3}|(.)\1{5}/u.test(value)
}
