import type { PluginInput } from "@opencode-ai/plugin"
import type { Logger, Platform } from "qwen-auth-core"
import { redactingLogger, secretMemory } from "qwen-auth-core/internal"
import { hostLogger } from "../../opencode/src/v1/host/host-logger.ts"
import { memoized } from "./memoized.ts"
import type { LogSettings } from "./settings.ts"

/**
 * The world with the logs that the user switched on; whatever reaches one of them is redacted. What writes the files is read only
 * then.
 */
export function loggedPlatform(
  plain: Platform,
  client: Pick<PluginInput["client"], "app">,
  { debug, requests, folder }: LogSettings,
): Platform {
  const secrets = secretMemory()
  const files = memoized(() => import("../../opencode/src/v1/lazy.ts"))
  const host = hostLogger(client, debug)
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
      // Without the file there is still OpenCode's log.
      file().then(
        (logger) => logger[level](message, fields),
        () => {},
      )
    }
  return { debug: both("debug"), warn: both("warn"), error: both("error") }
}
