import { fillsLine, isSecret, isUnmistakable } from "./secret-names.ts"

/** Replaces a secret. */
export const REDACTED = "[redacted]"

const TOKENS = [
  // Does not match the challenge of a `WWW-Authenticate` header, which says why a token was rejected.
  /\b(?:Bearer|Basic)(?:\s|\+|%20)+(?!\w+=\\*")[^\s"'\\,;]+/gi,
  /(?<![A-Za-z0-9])sk-[\w*.-]{7,}[\w*-]/g,
  // A JWT (three parts), a JWE (five parts), or a truncated one.
  /(?<![A-Za-z0-9])eyJ[\w-]{1,1024}(?:\.[\w-]*){1,4}/g,
]

/**
 * `user:password@` in a URL, even if a slash in the password makes the URL invalid. The bounds keep the search linear.
 */
const USER_INFO = /(:\/\/)(?:[^\s/?#"'<>]{0,512}@|[^\s/?#"'<>:@]{1,256}:(?!\d*[/?#])[^\s"'<>]{0,256}@)/g

/**
 * A name and the separator before its value: in URLs, forms, headers, JSON at any level of escaping, and inspected
 * objects.
 */
const NAME =
  /(?<![\w-])([\w-]+)(?:\\*["'])?\]?\s{0,9}[:=]>?(?!\s*(?:true|false|null|undefined)(?:[\s,;&"'}\]]|$))\s{0,9}/g
/** A value up to the closing quote at the same level of escaping, or to the end of a truncated text. */
const QUOTED = /(\\*["'`])(.*?)(?:(?<!\\)\1|$)/sy
const LINE = /\[redacted\](?=["'\\\r\n]|$)|[^\r\n]*/y
const WORD = /\[redacted\][^&\s"'\\<>#]*|[[{][^\r\n]*|[^&\s"'\\<>#]+/y

/**
 * Returns a text without credentials. Recognises tokens and keys by pattern and other values by name, in headers, URLs,
 * forms, JSON and combinations of them.
 * @param inner redacts a value that is embedded in the text, for example a JSON value or a percent-encoded text
 */
export function redactText(text: string, inner: (value: unknown) => unknown): string {
  if (!/\W/.test(text)) return text
  const plain = TOKENS.reduce((rest, pattern) => rest.replace(pattern, REDACTED), withoutJson(text, inner))
  return withoutEncoded(withoutPairs(plain.replace(USER_INFO, `$1${REDACTED}@`)), inner)
}

/** Parses JSON instead of searching it, because names and values may be escaped and values may be lists. */
function withoutJson(text: string, inner: (value: unknown) => unknown): string {
  const clean = redactJson(text, inner)
  if (clean !== undefined || !text.includes("\n")) return clean ?? text
  const lines = text.split("\n").map((line) => redactJson(line, inner) ?? line)
  return lines.join("\n")
}

/** Returns the text with its JSON redacted, or undefined if it contains none. */
function redactJson(text: string, inner: (value: unknown) => unknown): string | undefined {
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
    // A quote in a header belongs to its value, unless the name is quoted too.
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

/** Decodes only ASCII if the text is not percent-encoded UTF-8. */
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
    // A lone surrogate cannot be encoded.
    return REDACTED
  }
}
