import { createLogger, type Logger } from "./logger.ts"
import { REDACTED, redactText } from "./redact-text.ts"
import { isSecret } from "./secret-names.ts"

/** A chat request with tools is less deep. */
const MAX_DEPTH = 24
/**
 * Maximum nesting of encoded text that is decoded. Deeper text is checked only by name and pattern. Each level may
 * double the work.
 */
const MAX_DECODINGS = 4

interface Context {
  readonly hide: (text: string) => string
  /** The objects that contain the value. */
  readonly parents: Set<object>
  readonly decodings: number
}

/**
 * Returns a copy of `value` without credentials that can be written as JSON. Replaces values under secret names, and
 * bearer tokens, keys, JWTs, passwords and secret parameters within texts, including JSON and percent-encoded text.
 * Errors become plain objects with their causes. Never throws.
 * @param hide removes further secrets from a text
 */
export function redact(value: unknown, hide: (text: string) => string = (text) => text): unknown {
  return redactValue(value, { hide, parents: new Set(), decodings: 0 })
}

function redactValue(value: unknown, context: Context): unknown {
  if (typeof value === "string") return redactString(value, context)
  if (typeof value === "bigint" || typeof value === "symbol") return redactString(String(value), context)
  // JSON.stringify would call a `toJSON` method.
  if (typeof value === "function") return "[function]"
  if (typeof value !== "object" || value === null) return value
  const { parents } = context
  if (parents.has(value) || parents.size >= MAX_DEPTH) return "[…]"
  parents.add(value)
  try {
    return redactMembers(value, context)
  } catch {
    // A getter or a proxy threw.
    return "[unreadable]"
  } finally {
    parents.delete(value)
  }
}

function redactMembers(value: object, context: Context): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (value instanceof Date) return value.toJSON()
  if (value instanceof Set || Array.isArray(value)) {
    const items: unknown[] = [...value]
    return items.map((item, at) => (followsName(items[at - 1], item) ? REDACTED : redactValue(item, context)))
  }
  const redacted = entriesOf(value).map(([given, item]) => {
    const name = redactString(given, context)
    return [name, isSecret(name, item) ? REDACTED : redactValue(item, context)]
  })
  return Object.fromEntries(redacted)
}

/** Headers may be a flat list of alternating names and values. */
function followsName(name: unknown, value: unknown): boolean {
  if (typeof name !== "string" || typeof value !== "string") return false
  return /^[\w-]+$/.test(name) && isSecret(name, value) && !isSecret(value, name)
}

function entriesOf(value: object): [string, unknown][] {
  if (
    value instanceof Headers ||
    value instanceof URLSearchParams ||
    value instanceof FormData ||
    value instanceof Map
  ) {
    return [...value].map(([name, item]) => [String(name), item])
  }
  if (value instanceof URL) return [["href", value.href]]
  if (value instanceof Error) {
    const { name, message, cause } = value
    const errors = value instanceof AggregateError ? { errors: value.errors } : {}
    return Object.entries({ ...value, name, message, ...errors, ...(cause === undefined ? {} : { cause }) })
  }
  return Object.entries(value)
}

function redactString(text: string, context: Context): string {
  const { hide, decodings } = context
  const inner = (value: unknown) =>
    decodings === MAX_DECODINGS ? value : redactValue(value, { ...context, decodings: decodings + 1 })
  // Before the rules, because they may split a known secret; after them, because they may decode one.
  return hide(redactText(hide(text), inner))
}

/**
 * Returns a logger that redacts messages and fields before it passes them to `target`.
 * @param memory also removes the secrets that it remembers; see `secretMemory`
 */
export function redactingLogger(target: Logger, memory: { redact(value: unknown): unknown } = { redact }): Logger {
  return createLogger((level, message, fields = {}) => {
    const redacted = memory.redact(fields)
    target[level](String(memory.redact(message)), typeof redacted === "object" ? { ...redacted } : {})
  })
}
