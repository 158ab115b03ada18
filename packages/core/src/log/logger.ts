/** Structured data of a log message. Must not contain secrets: {@link redactingLogger} is only a safety net. */
export type LogFields = Readonly<Record<string, unknown>>

/** Receives the log messages of this library, which never writes to the terminal itself. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Returns a logger that passes the messages of all levels to `write`. */
export function createLogger(write: (level: keyof Logger, message: string, fields?: LogFields) => void): Logger {
  return {
    debug: (message, fields) => write("debug", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
  }
}

/** Discards all messages. */
export const silentLogger: Logger = { debug() {}, warn() {}, error() {} }
