import type { Logger } from "qwen-auth-core"

/** Returns a log whose messages are written as soon as the log itself is there, and are lost if it never is. */
export function deferredLogger(logger: () => Promise<Logger>): Logger {
  const write =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, fields) => {
      logger().then(
        (loaded) => loaded[level](message, fields),
        () => {},
      )
    }
  return { debug: write("debug"), warn: write("warn"), error: write("error") }
}
