import type { Violations } from "./violations.ts"

/** Members that the language itself reads from any object. */
const READ_BY_THE_LANGUAGE = new Set(["then", "toJSON"])

/** Options of {@link strictObject}. */
interface StrictOptions {
  readonly violations: Violations
  /** Members that a plugin may replace. All others are read-only. */
  readonly writable?: readonly string[]
  /** Members that this version does not have. Reading one gives `undefined`: a plugin may look before use. */
  readonly absent?: readonly string[]
  /** Whether the object may still be used. */
  readonly alive?: () => boolean
}

/**
 * Creates an object with exactly these members. Reading an unknown member is refused, and so is any change of a member that is not
 * writable.
 * @param name the name in error messages, for example `context.integration`
 */
export function strictObject<T extends object>(name: string, members: T, options: StrictOptions): T {
  const { violations, writable = [], absent = [], alive = () => true } = options
  const exists = (key: string | symbol) => Reflect.has(members, key) && !absent.includes(String(key))
  const refuse = (key: string | symbol, why: string) => violations.refuse(`${name}.${String(key)} ${why}`)
  return new Proxy(members, {
    get(target, key) {
      if (!alive()) refuse(key, "is used after its callback has returned")
      if (exists(key)) return Reflect.get(target, key)
      if (typeof key === "symbol" || READ_BY_THE_LANGUAGE.has(key) || absent.includes(key)) return undefined
      return refuse(key, "is unknown to OpenCode")
    },
    has: (_, key) => exists(key),
    ownKeys: (target) => Reflect.ownKeys(target).filter(exists),
    set(target, key, value) {
      return writable.includes(String(key)) ? Reflect.set(target, key, value) : refuse(key, "is read-only")
    },
    defineProperty(target, key, descriptor) {
      // An assignment to a writable member arrives here as well.
      return writable.includes(String(key))
        ? Reflect.defineProperty(target, key, descriptor)
        : refuse(key, "cannot be defined")
    },
    deleteProperty: (_, key) => refuse(key, "cannot be deleted"),
    setPrototypeOf: () => refuse("prototype", "cannot be set"),
  })
}

/** Freezes plain data to its depth. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}

/** A frozen copy of a record, as `list` and `get` answer. */
export function readOnlyCopy<T>(value: T): T {
  return deepFreeze(structuredClone(value))
}
