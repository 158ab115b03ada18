import type { Logger } from "./logger.ts"

/** A logger that tells each of `targets`. */
export function teeLogger(...targets: readonly Logger[]): Logger {
  const each =
    (level: "debug" | "warn" | "error"): Logger["debug"] =>
    (message, fields) => {
      for (const target of targets) target[level](message, fields)
    }
  return { debug: each("debug"), warn: each("warn"), error: each("error") }
}
