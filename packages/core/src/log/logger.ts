/** Facts that go with a message. Never put a token here: {@link redactingLogger} catches mistakes, it is not a licence. */
export type LogFields = Readonly<Record<string, unknown>>

/** Where the library tells what it does. Hosts hand in their own; nothing is ever written to the terminal. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, warn() {}, error() {} }
