import type { Logger } from "qwen-auth-core"
import { booleanOption } from "./boolean-option.ts"
import { describeValue } from "./describe-value.ts"
import type { Settings } from "./settings.ts"

const SWITCH = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
])

/**
 * Returns whether the tool name prompt is on, which is the default. The variable `QWEN_MODE` counts first, then the
 * plugin option, then the configuration. An invalid value is ignored with a warning, an empty variable without one.
 * @param fileValue `qwenMode` in `auth-config.json`, not validated
 */
export function qwenMode(
  settings: Pick<Settings, "qwenModeVariable" | "qwenMode">,
  fileValue: unknown,
  log: Logger,
): boolean {
  return (
    parseSwitch(settings.qwenModeVariable, log) ?? booleanOption("qwenMode", settings.qwenMode, fileValue, log) ?? true
  )
}

function parseSwitch(value: string | undefined, log: Logger): boolean | undefined {
  const text = value?.trim().toLowerCase()
  if (!text) return undefined
  const on = SWITCH.get(text)
  if (on === undefined) log.warn(`QWEN_MODE must be 1, true, 0 or false, not ${describeValue(value)}; it is ignored.`)
  return on
}
