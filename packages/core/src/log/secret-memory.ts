import { redact } from "./redact.ts"
import { REDACTED } from "./redact-text.ts"

const MAX_SECRETS = 200
/** Hiding a shorter secret would hide ordinary words. */
const MIN_LENGTH = 6
/** Only a hostile server sends a longer secret; its beginning is remembered. */
const MAX_LENGTH = 8 * 1024

/**
 * Remembers secrets and removes them where neither a name nor a pattern reveals them, for example in a server's
 * message.
 */
export interface SecretMemory {
  /** Remembers a secret of at least 6 characters. Keeps the last 200. */
  remember(secret: string): void
  /** Like `redact`, and also removes remembered secrets, including percent-encoded and JSON-escaped ones. */
  redact(value: unknown): unknown
}

/** Creates an empty memory. */
export function secretMemory(): SecretMemory {
  const secrets = new Set<string>()
  let spellings: RegExp | undefined
  const hide = (text: string) => (spellings === undefined ? text : text.replace(spellings, REDACTED))
  return {
    remember(value) {
      if (value.length < MIN_LENGTH) return
      const secret = value.slice(0, MAX_LENGTH)
      const known = secrets.delete(secret)
      secrets.add(secret)
      if (known) return
      for (const oldest of secrets) {
        if (secrets.size <= MAX_SECRETS) break
        secrets.delete(oldest)
      }
      spellings = anyOf([...new Set([...secrets].flatMap(spellingsOf))])
    },
    redact: (input) => redact(input, hide),
  }
}

function anyOf(texts: string[]): RegExp {
  // The longest first, because one secret may be the beginning of another.
  const longestFirst = texts.sort((one, other) => other.length - one.length)
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g")
}

/** Returns a secret unchanged, percent-encoded, and JSON-escaped with and without escaped slashes. */
function spellingsOf(secret: string): string[] {
  // A lone surrogate cannot be percent-encoded.
  const wellFormed = Buffer.from(secret).toString()
  const json = JSON.stringify(secret).slice(1, -1)
  return [secret, encodeURIComponent(wellFormed), json, json.replaceAll("/", "\\/")]
}
