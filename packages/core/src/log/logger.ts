/** Structured data of a log message. Must not contain secrets: {@link redactingLogger} is only a safety net. */
export type LogFields = Readonly<Record<string, unknown>>

/** Receives the log messages of this library, which never writes to the terminal itself. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Discards all messages. */
export const silentLogger: Logger = { debug() {}, warn() {}, error() {} }
