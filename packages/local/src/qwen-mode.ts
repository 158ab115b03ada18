import type { Logger } from "qwen-auth-core"
import { booleanOption } from "./boolean-option.ts"
import { describeValue } from "./describe-value.ts"

/** The settings that turn the tool name prompt on or off. The first one that is set counts. */
export interface QwenModeSources {
  /** The variable `QWEN_MODE`: `1`, `true`, `0` or `false`. An empty value counts as not set. */
  readonly environment: string | undefined
  /** The plugin option `qwenMode`, not validated. */
  readonly option: unknown
  /** `qwenMode` in `auth-config.json`, not validated. */
  readonly fileValue: unknown
}

const SWITCH = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
])

/** Returns whether the tool name prompt is on, which is the default. An invalid value is ignored with a warning. */
export function qwenMode({ environment, option, fileValue }: QwenModeSources, log: Logger): boolean {
  return parseSwitch(environment, log) ?? booleanOption("qwenMode", option, fileValue, log) ?? true
}

function parseSwitch(value: string | undefined, log: Logger): boolean | undefined {
  const text = value?.trim().toLowerCase()
  if (!text) return undefined
  const on = SWITCH.get(text)
  if (on === undefined) log.warn(`QWEN_MODE must be 1, true, 0 or false, not ${describeValue(value)}; it is ignored.`)
  return on
}
