import type { Logger, Platform } from "qwen-auth-core"
import { redactingLogger, secretMemory } from "qwen-auth-core/internal"
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
  const target = debug
    ? withFile(
        host,
        memoized(async () => (await files()).debugFile(plain, folder)),
      )
    : host
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

function withFile(host: Logger, file: () => Promise<Logger>): Logger {
  const both =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, fields) => {
      host[level](message, fields)
      // If the file cannot be written, the host's log still has the message.
      file().then(
        (logger) => logger[level](message, fields),
        () => {},
      )
    }
  return { debug: both("debug"), warn: both("warn"), error: both("error") }
}
