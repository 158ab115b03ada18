import type { Violations } from "./violations.ts"

/** Members that the language itself reads from any object. */
const READ_BY_THE_LANGUAGE = new Set(["then", "toJSON"])

/** Options of {@link strictObject}. */
export interface StrictOptions {
  readonly violations: Violations
  /** Members that this Alma does not have. Reading one gives `undefined` and is not refused. */
  readonly absent?: ReadonlySet<string>
}

/**
 * Creates an object of Alma's API with exactly these members. Reading an unknown member is refused, and so is any change except through
 * a setter.
 * @param name the name in error messages, for example `context.ui`
 */
export function strictObject<T extends object>(name: string, members: T, { violations, absent }: StrictOptions): T {
  const exists = (key: string | symbol) => Reflect.has(members, key) && !(typeof key === "string" && absent?.has(key))
  const refuse = (key: string | symbol, why: string) => violations.refuse(`${name}.${String(key)} ${why}`)
  return new Proxy(members, {
    get(target, key) {
      if (exists(key)) return Reflect.get(target, key)
      if (typeof key === "symbol" || READ_BY_THE_LANGUAGE.has(key) || absent?.has(key)) return undefined
      return refuse(key, "is unknown to Alma")
    },
    has: (_, key) => exists(key),
    ownKeys: (target) => Reflect.ownKeys(target).filter(exists),
    set(target, key, value) {
      if (Object.getOwnPropertyDescriptor(target, key)?.set === undefined) return refuse(key, "cannot be set")
      return Reflect.set(target, key, value)
    },
    defineProperty: (_, key) => refuse(key, "cannot be defined"),
    deleteProperty: (_, key) => refuse(key, "cannot be deleted"),
    setPrototypeOf: () => refuse("prototype", "cannot be set"),
  })
}

/** Creates an API for which the plugin has no permission: reading any member is refused. */
export function forbidden(
  name: string,
  members: readonly string[],
  permission: string,
  violations: Violations,
): object {
  const properties = Object.fromEntries(
    members.map((member) => [
      member,
      {
        enumerable: true,
        get: () => violations.refuse(`${name}.${member} is not permitted: it needs ${permission}`),
      },
    ]),
  )
  return strictObject(name, Object.defineProperties({}, properties), { violations })
}
