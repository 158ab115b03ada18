import type { Logger } from "qwen-auth-core"
import { describeValue } from "./describe-value.ts"

/** Where it is said whether the prompt bridge is on; the first that says it counts. */
export interface QwenModeSources {
  /** The variable `QWEN_MODE`: `1`, `true`, `0` or `false`; empty is as good as absent. */
  readonly environment: string | undefined
  /** The plugin option `qwenMode` as it was given. */
  readonly option: unknown
  /** `qwenMode` in `auth-config.json`, parsed but not checked. */
  readonly fileValue: unknown
}

const SWITCH = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
])

/** Whether the prompt bridge is on; it is when nobody says otherwise. What cannot be understood is a warning and ignored. */
export function qwenMode({ environment, option, fileValue }: QwenModeSources, log: Logger): boolean {
  return (
    switched(environment, log) ??
    checked(option, "The plugin option qwenMode", log) ??
    checked(fileValue, "qwenMode in auth-config.json", log) ??
    true
  )
}

function switched(value: string | undefined, log: Logger): boolean | undefined {
  const word = value?.trim().toLowerCase()
  if (!word) return undefined
  const on = SWITCH.get(word)
  if (on === undefined) log.warn(`QWEN_MODE must be 1, true, 0 or false, not ${describeValue(value)}; it is ignored.`)
  return on
}

function checked(value: unknown, what: string, log: Logger): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value
  log.warn(`${what} must be true or false, not ${describeValue(value)}; it is ignored.`)
  return undefined
}
