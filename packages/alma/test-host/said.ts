import { inspect } from "node:util"

/** A line in Alma's log. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error" | "console"
  readonly message: string
  readonly details: readonly unknown[]
}

/** Everything that reached a person or a log, as text. */
export class Said {
  readonly texts: string[] = []
  readonly log: LogLine[] = []

  /** Texts that a person saw. */
  shown(...texts: readonly (string | undefined)[]): void {
    this.texts.push(...texts.filter((text) => text !== undefined))
  }

  logged(line: LogLine): void {
    this.log.push(line)
    this.texts.push(`${line.level}: ${[line.message, ...line.details.map(inFull)].join(" ")}`)
  }

  /** An error that the plugin let out: Alma shows it or logs it. */
  thrown(error: unknown): void {
    this.texts.push(inFull(error))
  }
}

/** A value as a log prints it: errors with their stack, cause and fields. */
function inFull(value: unknown): string {
  return typeof value === "string"
    ? value
    : inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null })
}
