import type { Logger, Platform } from "qwen-auth-core"
import { redactingLogger, secretMemory } from "qwen-auth-core/internal"
import { deferredLogger } from "./deferred-logger.ts"
import { memoized } from "./memoized.ts"
import type { LogSettings } from "./settings.ts"

/**
 * Adds the logs that the user enabled to a platform. Everything that is logged is redacted. The code that writes files
 * is loaded only when a log needs it.
 * @param host the host's own log
 */
export function loggedPlatform(plain: Platform, host: Logger, { debug, requests, folder }: LogSettings): Platform {
  const secrets = secretMemory()
  const files = memoized(() => import("./log-files.ts"))
  const file = memoized(async () => (await files()).debugFile(plain, folder))
  const target = debug ? both(host, deferredLogger(file)) : host
  const redacting = redactingLogger(target, secrets)
  // Debug messages that are not logged are not redacted either, because redaction would delay requests.
  const log: Logger = debug ? redacting : { ...redacting, debug() {} }
  const platform = { ...plain, log }
  if (!requests) return platform
  const fetch = memoized(async () => {
    const { loggedFetch, requestLogFiles } = await files()
    return loggedFetch(plain.fetch, requestLogFiles(platform, folder), plain, secrets)
  })
  return { ...platform, fetch: async (url, init) => (await fetch())(url, init) }
}

/** If the file cannot be written, the host's log still has the message. */
function both(host: Logger, file: Logger): Logger {
  const write =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, fields) => {
      host[level](message, fields)
      file[level](message, fields)
    }
  return { debug: write("debug"), warn: write("warn"), error: write("error") }
}
