import type { Logger } from "qwen-auth-core"
import { redactingLogger } from "qwen-auth-core/internal"
import type { AlmaLogger } from "./host.ts"

/** Alma's log, redacted; debug messages only while they are wanted. A log that fails is no reason to fail. */
export function almaLog(logger: AlmaLogger, debug: () => boolean): Logger {
  const write = (level: keyof AlmaLogger) => (message: string, fields?: unknown) => {
    try {
      logger[level](message, fields)
    } catch {
      // Nobody can be told.
    }
  }
  const [say, warn, error] = [write("debug"), write("warn"), write("error")]
  return redactingLogger({ debug: (message, fields) => debug() && say(message, fields), warn, error })
}
