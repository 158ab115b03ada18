import type { Logger, Platform } from "qwen-auth-core"
import { redactingLogger, secretMemory } from "qwen-auth-core/internal"
import { loggedPlatform } from "qwen-auth-local/logged-platform"
import { readLogSettings } from "qwen-auth-local/settings"
import type { World } from "./world.ts"

/**
 * Returns the platform with the logs of this command: warnings, and with `--verbose` everything, go to standard error.
 * The variables that turn on the plugin's log files work here too.
 */
export function platformWithLog(world: World, verbose: boolean): Platform {
  const logged = loggedPlatform(world.platform, stderrLogger(world, verbose), readLogSettings(world.sources))
  // The platform's own logger drops debug messages unless a file gets them.
  return verbose ? { ...logged, log: redactingLogger(stderrLogger(world, true), secretMemory()) } : logged
}

function stderrLogger({ stderr, platform }: World, verbose: boolean): Logger {
  const write = (level: string): Logger["debug"] => {
    return (message, fields) => {
      const details = verbose && fields !== undefined ? ` ${JSON.stringify(fields)}` : ""
      const time = verbose ? `${new Date(platform.now()).toISOString().slice(11, 23)} ` : ""
      stderr.write(`qwen-auth: ${time}${level}${message}${details}\n`)
    }
  }
  return { debug: verbose ? write("") : () => {}, warn: write("warning: "), error: write("error: ") }
}
