import type { Logger } from "qwen-auth-core"
import { booleanOption } from "./boolean-option.ts"
import { describeValue } from "./describe-value.ts"
import { parseSwitch } from "./parse-switch.ts"
import type { Settings } from "./settings.ts"

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
    modeVariable(settings.qwenModeVariable, log) ?? booleanOption("qwenMode", settings.qwenMode, fileValue, log) ?? true
  )
}

function modeVariable(value: string | undefined, log: Logger): boolean | undefined {
  const on = parseSwitch(value)
  if (on !== "invalid") return on
  log.warn(`QWEN_MODE must be 1, true, 0 or false, not ${describeValue(value)}; it is ignored.`)
  return undefined
}
