import type { SecretMemory } from "./secret-memory.ts"
import { fillsLine, isSecret } from "./secret-names.ts"

/** Fields whose value is certainly a secret. Fewer than are redacted: what is remembered vanishes wherever it occurs. */
const SECRET_FIELD =
  /^(access|refresh|id)[-_]?token$|^(device|user)[-_]?code$|^code[-_]?(verifier|challenge)$|client[-_]?(secret|assertion)|api[-_]?key/i
const DEEPEST = 8

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
  rememberFields(memory, body, DEEPEST)
}

function rememberFields(memory: SecretMemory, value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null || depth === 0) return
  for (const [name, item] of Object.entries(value)) {
    if (typeof item !== "string") rememberFields(memory, item, depth - 1)
    else if (SECRET_FIELD.test(name)) memory.remember(item)
  }
}
