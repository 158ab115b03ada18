import type { LogFields, Logger } from "./logger.ts"

const HIDDEN = "[redacted]"
const SECRET_NAME =
  /token$|authorization|cookie|secret|password|api[-_]?key|(device|user)[-_]?code|code[-_]?(verifier|challenge)|^(access|refresh|key)$/i
const SECRET_TEXT = [
  /\b(?:Bearer|Basic)\s+[^\s"',;]+/gi,
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g,
]
/** `name=value` in URLs and forms, and `"name":"value"` in JSON that was put into a string. */
const SECRET_PAIR =
  /((?:access_token|refresh_token|id_token|device_code|user_code|code_verifier|code_challenge|api_?key|state)(?:=|\\?"\s*:\s*\\?"))[^&\s"'\\]+/gi
const DEEPEST = 8

/**
 * A copy of `value` without credentials: values under secret names, and bearer tokens, keys, JWTs and secret parameters
 * inside any text. Errors become plain objects with their causes.
 */
export function redact(value: unknown): unknown {
  return redactWithin(value, new Set())
}

function redactWithin(value: unknown, parents: Set<object>): unknown {
  if (typeof value === "string") return redactText(value)
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value
  if (parents.has(value) || parents.size >= DEEPEST) return "[…]"
  const within = new Set(parents).add(value)
  if (Array.isArray(value)) return value.map((item) => redactWithin(item, within))
  return Object.fromEntries(
    entriesOf(value).map(([name, item]) => [name, SECRET_NAME.test(name) ? HIDDEN : redactWithin(item, within)]),
  )
}

function entriesOf(value: object): [string, unknown][] {
  if (value instanceof Headers || value instanceof URLSearchParams || value instanceof Map) {
    return [...value].map(([name, item]) => [String(name), item])
  }
  if (value instanceof URL) return [["href", value.href]]
  if (value instanceof Error) {
    const { name, message, cause } = value
    return Object.entries({ ...value, name, message, ...(cause === undefined ? {} : { cause }) })
  }
  return Object.entries(value)
}

function redactText(text: string): string {
  const withoutTokens = SECRET_TEXT.reduce((rest, pattern) => rest.replace(pattern, HIDDEN), text)
  return withoutTokens.replace(SECRET_PAIR, `$1${HIDDEN}`)
}

/** A logger that redacts everything before it reaches `target`. */
export function redactingLogger(target: Logger): Logger {
  const through =
    (level: "debug" | "warn" | "error") =>
    (message: string, fields: LogFields = {}) => {
      const clean = redact(fields)
      target[level](redactText(message), typeof clean === "object" && clean !== null ? { ...clean } : {})
    }
  return { debug: through("debug"), warn: through("warn"), error: through("error") }
}
