import type { LogFields, Logger } from "./logger.ts"
import { REDACTED, redactText } from "./redact-text.ts"
import { isSecret } from "./secret-names.ts"

/** Deeper than a chat request with tools. */
const DEEPEST = 24
/** How often something wrapped in a text is unwrapped; deeper, names and looks still tell. Each time may double the work. */
const MOST_WRAPPINGS = 4

interface Place {
  readonly hide: (text: string) => string
  /** The objects that this is in. */
  readonly parents: Set<object>
  readonly wrappings: number
}

/**
 * A copy of `value` without credentials, fit for JSON: values under secret names, and bearer tokens, keys, JWTs, passwords and
 * secret parameters inside any text, JSON and percent-encoded text included. Errors become plain objects with their causes. Never
 * throws.
 * @param hide what else is hidden in a text
 */
export function redact(value: unknown, hide: (text: string) => string = (text) => text): unknown {
  return within(value, { hide, parents: new Set(), wrappings: 0 })
}

function within(value: unknown, place: Place): unknown {
  if (typeof value === "string") return clean(value, place)
  if (typeof value === "bigint" || typeof value === "symbol") return clean(String(value), place)
  // JSON would call a `toJSON`.
  if (typeof value === "function") return "[function]"
  if (typeof value !== "object" || value === null) return value
  const { parents } = place
  if (parents.has(value) || parents.size >= DEEPEST) return "[…]"
  parents.add(value)
  try {
    return members(value, place)
  } catch {
    // A getter or a proxy that throws.
    return "[unreadable]"
  } finally {
    parents.delete(value)
  }
}

function members(value: object, place: Place): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (value instanceof Date) return value.toJSON()
  if (value instanceof Set || Array.isArray(value)) {
    const items: unknown[] = [...value]
    return items.map((item, at) => (followsName(items[at - 1], item) ? REDACTED : within(item, place)))
  }
  const redacted = entriesOf(value).map(([given, item]) => {
    const name = clean(given, place)
    return [name, isSecret(name, item) ? REDACTED : within(item, place)]
  })
  return Object.fromEntries(redacted)
}

/** Headers are also written as a list of names and values. */
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

function clean(text: string, place: Place): string {
  const { hide, wrappings } = place
  const inner = (value: unknown) =>
    wrappings === MOST_WRAPPINGS ? value : within(value, { ...place, wrappings: wrappings + 1 })
  // Before, because the rules may cut what is known to be a secret; after, because they unwrap it.
  return hide(redactText(hide(text), inner))
}

/**
 * A logger that redacts everything before it reaches `target`.
 * @param memory knows secrets besides; see `secretMemory`
 */
export function redactingLogger(target: Logger, memory: { redact(value: unknown): unknown } = { redact }): Logger {
  const through =
    (level: "debug" | "warn" | "error") =>
    (message: string, fields: LogFields = {}) => {
      const cleaned = memory.redact(fields)
      const shown = typeof cleaned === "object" && cleaned !== null ? { ...cleaned } : {}
      target[level](String(memory.redact(message)), shown)
    }
  return { debug: through("debug"), warn: through("warn"), error: through("error") }
}
