import { inspect } from "node:util"

/** A line of Alma's log. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error" | "console"
  readonly message: string
  readonly details: readonly unknown[]
}

/** Records all texts that reached the user or a log. */
export class Output {
  readonly texts: string[] = []
  readonly log: LogLine[] = []

  /** Records texts that the user saw. */
  shown(...texts: readonly (string | undefined)[]): void {
    this.texts.push(...texts.filter((text) => text !== undefined))
  }

  logged(line: LogLine): void {
    this.log.push(line)
    this.texts.push(`${line.level}: ${[line.message, ...line.details.map(format)].join(" ")}`)
  }

  /** Records an error that the plugin did not catch. Alma shows it or logs it. */
  thrown(error: unknown): void {
    this.texts.push(format(error))
  }
}

/** Formats a value as a log prints it: errors with their stack, cause and fields. */
function format(value: unknown): string {
  return typeof value === "string"
    ? value
    : inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null })
}
