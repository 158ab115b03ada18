import { type Logger, nodePlatform } from "qwen-auth-core"
import { silentLogger } from "qwen-auth-core/internal"
import { deferredLogger } from "./deferred-logger.ts"
import { memoized } from "./memoized.ts"
import type { LogSettings } from "./settings.ts"

/**
 * Returns the log of a host that gives plugins none: warnings and errors go to the debug log's file even if the debug
 * log is off. The file is created with the first line. A line that cannot be written is lost.
 * @returns a logger that does nothing if the debug log is on, because that has every line already
 */
export function fileLog({ debug, folder }: LogSettings): Logger {
  if (debug) return silentLogger
  const file = memoized(async () => (await import("./log-files.ts")).debugFile(nodePlatform(), folder))
  return { ...deferredLogger(file), debug() {} }
}
