import type { Logger, Platform } from "qwen-auth-core"
import { redactingLogger, secretMemory } from "qwen-auth-core/internal"
import { memoized } from "./memoized.ts"
import type { LogSettings } from "./settings.ts"

/**
 * The platform with the logs that the user switched on. Whatever reaches a log is redacted. The code that writes files is loaded
 * only when a log needs it.
 * @param host the host's own log
 */
export function loggedPlatform(plain: Platform, host: Logger, { debug, requests, folder }: LogSettings): Platform {
  const secrets = secretMemory()
  const files = memoized(() => import("./log-files.ts"))
  const target = debug
    ? withFile(
        host,
        memoized(async () => (await files()).debugFile(plain, folder)),
      )
    : host
  const redacting = redactingLogger(target, secrets)
  // What nobody reads is not redacted either: requests do not wait for it.
  const log: Logger = debug ? redacting : { ...redacting, debug() {} }
  const platform = { ...plain, log }
  if (!requests) return platform
  const fetch = memoized(async () => {
    const { loggedFetch, requestLogFiles } = await files()
    return loggedFetch(plain.fetch, requestLogFiles(platform, folder), plain, secrets)
  })
  return { ...platform, fetch: async (url, init) => (await fetch())(url, init) }
}

function withFile(host: Logger, file: () => Promise<Logger>): Logger {
  const both =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, fields) => {
      host[level](message, fields)
      // Without the file there is still the host's log.
      file().then(
        (logger) => logger[level](message, fields),
        () => {},
      )
    }
  return { debug: both("debug"), warn: both("warn"), error: both("error") }
}
