import { fillsLine, isSecret, isUnmistakable } from "./secret-names.ts"

/** What stands where a secret was. */
export const REDACTED = "[redacted]"

const TOKENS = [
  // Not the challenge of a `WWW-Authenticate`, which tells why a token was refused.
  /\b(?:Bearer|Basic)(?:\s|\+|%20)+(?!\w+=\\*")[^\s"'\\,;]+/gi,
  /(?<![A-Za-z0-9])sk-[\w*.-]{7,}[\w*-]/g,
  // A JWT (three parts), a JWE (five), or one that was cut.
  /(?<![A-Za-z0-9])eyJ[\w-]{1,1024}(?:\.[\w-]*){1,4}/g,
]

/** `user:password@` of a URL, also when a password with a slash in it makes that no URL at all. The bounds keep it linear. */
const USER_INFO = /(:\/\/)(?:[^\s/?#"'<>]{0,512}@|[^\s/?#"'<>:@]{1,256}:(?!\d*[/?#])[^\s"'<>]{0,256}@)/g

/** A name with what stands between it and its value, in URLs, forms, headers, JSON at any level of escaping, inspected objects. */
const NAME =
  /(?<![\w-])([\w-]+)(?:\\*["'])?\]?\s{0,9}[:=]>?(?!\s*(?:true|false|null|undefined)(?:[\s,;&"'}\]]|$))\s{0,9}/g
/** To the closing quote at the same level of escaping, or to the end where the text was cut. */
const QUOTED = /(\\*["'`])(.*?)(?:(?<!\\)\1|$)/sy
const LINE = /\[redacted\](?=["'\\\r\n]|$)|[^\r\n]*/y
const WORD = /\[redacted\][^&\s"'\\<>#]*|[[{][^\r\n]*|[^&\s"'\\<>#]+/y

/**
 * A text without credentials: tokens and keys by their looks, values by their names, whatever the text is or holds: a header, a
 * URL, a form, JSON, several of them in each other.
 * @param inner redacts what was found wrapped in the text: a JSON value, a percent-encoded text
 */
export function redactText(text: string, inner: (value: unknown) => unknown): string {
  if (!/\W/.test(text)) return text
  const plain = TOKENS.reduce((rest, pattern) => rest.replace(pattern, REDACTED), withoutJson(text, inner))
  return withoutEncoded(withoutPairs(plain.replace(USER_INFO, `$1${REDACTED}@`)), inner)
}

/** JSON is understood, not only searched: names and values can be escaped in it, and values be lists. */
function withoutJson(text: string, inner: (value: unknown) => unknown): string {
  const clean = jsonCleaned(text, inner)
  if (clean !== undefined || !text.includes("\n")) return clean ?? text
  const lines = text.split("\n").map((line) => jsonCleaned(line, inner) ?? line)
  return lines.join("\n")
}

/** The text with the JSON in it redacted, as it was if there is nothing to redact; undefined without JSON. */
function jsonCleaned(text: string, inner: (value: unknown) => unknown): string | undefined {
  const start = text.search(/[[{]/)
  const end = Math.max(text.lastIndexOf("]"), text.lastIndexOf("}")) + 1
  if (start < 0 || end <= start) return undefined
  try {
    const value: unknown = JSON.parse(text.slice(start, end))
    const clean = JSON.stringify(inner(value))
    return clean === JSON.stringify(value) ? text : text.slice(0, start) + clean + text.slice(end)
  } catch {
    return undefined
  }
}

function withoutPairs(text: string): string {
  let clean = ""
  let end = 0
  for (const { 0: intro, 1: name = "", index } of text.matchAll(NAME)) {
    const start = index + intro.length
    if (index < end || !isSecret(name, "a text")) continue
    // A quote in a header is a part of it, unless the name is quoted too.
    const header = fillsLine(name) && !/["']/.test(intro)
    const [quoted, quote = "", content] = header ? [] : matchAt(QUOTED, text, start)
    const [value = ""] = quoted === undefined ? matchAt(header ? LINE : WORD, text, start) : [quoted]
    const sentence = intro.includes(":") && quoted === undefined && !isUnmistakable(name)
    if (value === "" || content === "" || sentence) continue
    clean += text.slice(end, start) + quote + REDACTED + quote
    end = start + value.length
  }
  return clean + text.slice(end)
}

function matchAt(pattern: RegExp, text: string, start: number): readonly (string | undefined)[] {
  pattern.lastIndex = start
  return pattern.exec(text) ?? []
}

function withoutEncoded(text: string, inner: (value: unknown) => unknown): string {
  if (!text.includes("%")) return text
  return text.replace(/[^\s&=?#"\\]+/g, (word) => {
    const decoded = word.includes("%") ? percentDecoded(word) : word
    const clean = decoded === word ? word : inner(decoded)
    return clean === decoded ? word : percentEncoded(String(clean))
  })
}

/** What is not UTF-8 stays as it is. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/%([0-7][\da-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  }
}

function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    // Half of a pair cannot be encoded.
    return REDACTED
  }
}
