import type { SecretMemory } from "./secret-memory.ts"
import { fillsLine, isSecret } from "./secret-names.ts"

/** Fields of OAuth messages, and keys. Fewer than are redacted: what is remembered vanishes wherever it occurs. */
const OAUTH_FIELD =
  /^(access|refresh|id)[-_]?token$|^(device|user)[-_]?code$|^code[-_]?(verifier|challenge)$|client[-_]?(secret|assertion)/i
const KEY_FIELD = /api[-_]?key/i
const DEEPEST = 8
/** OAuth messages are flat; some servers wrap them in `data`. Below that, these names belong to prompts and tool schemas. */
const DEEPEST_OAUTH = 2

/** Remembers the secrets of one side of an exchange: credentials and cookies of its headers, secret fields of its body. */
export function rememberSecrets(memory: SecretMemory, headers: Headers, body: unknown): void {
  for (const [name, value] of headers) {
    // Without the scheme and the other parts of a cookie, as it would be repeated.
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
  if (typeof value !== "object" || value === null || depth > DEEPEST) return
  for (const [name, item] of Object.entries(value)) {
    if (typeof item !== "string") rememberFields(memory, item, depth + 1)
    else if (OAUTH_FIELD.test(name) && depth <= DEEPEST_OAUTH) memory.remember(item)
    else if ((OAUTH_FIELD.test(name) || KEY_FIELD.test(name)) && !isPlaceholder(item)) memory.remember(item)
  }
}

/** A text that stands for a secret in documentation, schemas and code: `string`, `YOUR_API_KEY`, `<token>`, `${TOKEN}`, `sk-…`. */
function isPlaceholder(value: string): boolean {
  const isWords = value.length < 32 && /^[A-Za-z]+(?:[-_./][A-Za-z]+)*$/.test(value)
  return isWords || /\s|^[$%[(]|[<>{}…]|\.{3}|\*{3}|(.)\1{5}/u.test(value)
}
