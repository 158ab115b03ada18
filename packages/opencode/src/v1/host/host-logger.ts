import type { PluginInput } from "@opencode-ai/plugin"
import type { LogFields, Logger } from "qwen-auth-core"

const SERVICE = "qwen-auth"

/**
 * Writes to OpenCode's own log. Each message begins with the plugin's name, because OpenCode 1.18 does not print the
 * service (observed). Nothing is written to the terminal, which belongs to OpenCode's interface. Failures are ignored.
 * @param debug whether debug messages are written
 */
export function hostLogger(client: Pick<PluginInput["client"], "app">, debug: boolean): Logger {
  const write = (level: "debug" | "warn" | "error", message: string, extra: LogFields = {}) => {
    client.app
      .log({ body: { service: SERVICE, level, message: `${SERVICE}: ${message}`, extra: { ...extra } } })
      .then(undefined, () => {})
  }
  return {
    debug: (message, fields) => debug && write("debug", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
  }
}
