import { redact } from "./redact.ts"
import { REDACTED } from "./redact-text.ts"

const MOST = 200
/** Shorter ones would hide ordinary words. */
const SHORTEST = 6
/** Of a longer one, which only a hostile server sends, the beginning is remembered. */
const LONGEST = 8 * 1024

/** Knows secrets that were seen and finds them again where neither name nor looks tell: in a server's prose, for example. */
export interface SecretMemory {
  /** Remembers a secret; the last 200 of at least 6 characters are kept. */
  remember(secret: string): void
  /** As `redact`, and without what is remembered, also percent-encoded or escaped as in JSON. */
  redact(value: unknown): unknown
}

export function secretMemory(): SecretMemory {
  const secrets = new Set<string>()
  let spellings: RegExp | undefined
  const hide = (text: string) => (spellings === undefined ? text : text.replace(spellings, REDACTED))
  return {
    remember(given) {
      if (given.length < SHORTEST) return
      const secret = given.slice(0, LONGEST)
      const known = secrets.delete(secret)
      secrets.add(secret)
      if (known) return
      for (const oldest of secrets) {
        if (secrets.size <= MOST) break
        secrets.delete(oldest)
      }
      spellings = anyOf([...new Set([...secrets].flatMap(spelled))])
    },
    redact: (value) => redact(value, hide),
  }
}

function anyOf(texts: string[]): RegExp {
  // The longest first: one may be the beginning of another.
  const longestFirst = texts.sort((one, other) => other.length - one.length)
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"), "g")
}

/** As it is, percent-encoded, and as JSON escapes it, with slashes escaped too (some do). */
function spelled(secret: string): string[] {
  // Half of a pair cannot be percent-encoded.
  const wellFormed = Buffer.from(secret).toString()
  const json = JSON.stringify(secret).slice(1, -1)
  return [secret, encodeURIComponent(wellFormed), json, json.replaceAll("/", "\\/")]
}
