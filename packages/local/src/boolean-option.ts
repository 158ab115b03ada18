import type { Logger } from "qwen-auth-core"
import { describeValue } from "./describe-value.ts"

/**
 * Returns an option that is on or off: the plugin option, else the entry in `auth-config.json`. An invalid value is
 * ignored with a warning.
 * @param option the plugin option, not validated
 * @param fileValue the entry in `auth-config.json`, not validated
 * @returns undefined if neither is set
 */
export function booleanOption(name: string, option: unknown, fileValue: unknown, log: Logger): boolean | undefined {
  return checked(option, `The plugin option ${name}`, log) ?? checked(fileValue, `${name} in auth-config.json`, log)
}

function checked(value: unknown, what: string, log: Logger): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value
  log.warn(`${what} must be true or false, not ${describeValue(value)}; it is ignored.`)
  return undefined
}
