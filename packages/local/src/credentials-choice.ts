import type { Logger } from "qwen-auth-core"
import * as v from "valibot"
import { describeValue } from "./describe-value.ts"

const CHOICES = ["own", "qwen-code"] as const

/** Whose sign-in is used: the plugin's own, or the one that is shared with Qwen Code. */
export type CredentialsChoice = (typeof CHOICES)[number]

const Choice = v.picklist(CHOICES)

/**
 * What the user chose: the plugin option, else `auth-config.json`, else `own`. What cannot be understood is a warning that names
 * it, and `own`.
 * @param option the plugin option `credentials` as it was given
 * @param configured `credentials` in `auth-config.json`; looked at only when the option is absent
 * @param path of `auth-config.json`, for the warning
 */
export function chosenCredentials(option: unknown, configured: unknown, path: string, log: Logger): CredentialsChoice {
  if (option !== undefined) return checked(option, "The plugin option credentials", log)
  return configured === undefined ? "own" : checked(configured, `credentials in ${path}`, log)
}

function checked(value: unknown, what: string, log: Logger): CredentialsChoice {
  const parsed = v.safeParse(Choice, value)
  if (parsed.success) return parsed.output
  const choices = CHOICES.map((choice) => `"${choice}"`).join(" or ")
  log.warn(`${what} must be ${choices}, not ${describeValue(value)}; "own" is used.`)
  return "own"
}
