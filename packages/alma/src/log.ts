import type { Logger } from "qwen-auth-core"
import { redactingLogger } from "qwen-auth-core/internal"
import type { AlmaLogger } from "./host.ts"

/**
 * A logger that writes to Alma's log. Secrets are redacted, and errors of Alma's logger are ignored.
 * @param debug whether debug messages are written; called for each of them
 */
export function almaLog(logger: AlmaLogger, debug: () => boolean): Logger {
  const write = (level: keyof AlmaLogger) => (message: string, fields?: unknown) => {
    try {
      logger[level](message, fields)
    } catch {
      // A failing log must not fail the caller, and there is no other log.
    }
  }
  const [writeDebug, warn, error] = [write("debug"), write("warn"), write("error")]
  return redactingLogger({ debug: (message, fields) => debug() && writeDebug(message, fields), warn, error })
}
