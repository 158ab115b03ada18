import type { Violations } from "./violations.ts"

/** What the language itself asks an object for. */
const ASKED_BY_THE_LANGUAGE = new Set(["then", "toJSON"])

/** How an object of Alma's behaves. */
export interface StrictOptions {
  readonly violations: Violations
  /** Members that this Alma lacks: undefined instead of refused, as a plugin may look for them. */
  readonly absent?: ReadonlySet<string>
}

/**
 * An object of Alma's API with these members and no others: what is unknown is refused, and nothing can be changed but through a
 * setter.
 * @param name how a refusal calls it, for example `context.ui`
 */
export function strictObject<T extends object>(name: string, members: T, { violations, absent }: StrictOptions): T {
  const there = (key: string | symbol) => Reflect.has(members, key) && !(typeof key === "string" && absent?.has(key))
  const refuse = (key: string | symbol, why: string) => violations.refuse(`${name}.${String(key)} ${why}`)
  return new Proxy(members, {
    get(target, key) {
      if (there(key)) return Reflect.get(target, key)
      if (typeof key === "symbol" || ASKED_BY_THE_LANGUAGE.has(key) || absent?.has(key)) return undefined
      return refuse(key, "is unknown to Alma")
    },
    has: (_, key) => there(key),
    ownKeys: (target) => Reflect.ownKeys(target).filter(there),
    set(target, key, value) {
      if (Object.getOwnPropertyDescriptor(target, key)?.set === undefined) return refuse(key, "cannot be set")
      return Reflect.set(target, key, value)
    },
    defineProperty: (_, key) => refuse(key, "cannot be defined"),
    deleteProperty: (_, key) => refuse(key, "cannot be deleted"),
    setPrototypeOf: () => refuse("prototype", "cannot be set"),
  })
}

/** An API that the plugin has no permission for: whatever it uses of it is refused. */
export function forbidden(
  name: string,
  members: readonly string[],
  permission: string,
  violations: Violations,
): object {
  const refused = Object.fromEntries(
    members.map((member) => [
      member,
      {
        enumerable: true,
        get: () => violations.refuse(`${name}.${member} is not permitted: it needs ${permission}`),
      },
    ]),
  )
  return strictObject(name, Object.defineProperties({}, refused), { violations })
}
