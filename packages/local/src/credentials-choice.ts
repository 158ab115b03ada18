import type { Logger } from "qwen-auth-core"
import { describeValue } from "./describe-value.ts"

/** The values of `credentials`. */
export const CHOICES = ["own", "qwen-code"] as const

/** Which stored sign-in is used: the plugin's own, or the one shared with Qwen Code. */
export type CredentialsChoice = (typeof CHOICES)[number]

/**
 * Returns the user's choice: the plugin option, else the entry in `auth-config.json`, else `own`. For an invalid value
 * it logs a warning and returns `own`.
 * @param option the plugin option `credentials`, not validated
 * @param configured `credentials` in `auth-config.json`; used only if the option is absent
 * @param path path of `auth-config.json`, for the warning
 */
export function chosenCredentials(option: unknown, configured: unknown, path: string, log: Logger): CredentialsChoice {
  if (option !== undefined) return checked(option, "The plugin option credentials", log)
  return configured === undefined ? "own" : checked(configured, `credentials in ${path}`, log)
}

function checked(value: unknown, what: string, log: Logger): CredentialsChoice {
  const choice = CHOICES.find((each) => each === value)
  if (choice !== undefined) return choice
  const choices = CHOICES.map((choice) => `"${choice}"`).join(" or ")
  log.warn(`${what} must be ${choices}, not ${describeValue(value)}; "own" is used.`)
  return "own"
}
