import * as v from "valibot"

/** The error for anything that Alma refuses: an invalid folder, an unknown API, a host without permission. */
export class AlmaRefusal extends Error {
  override readonly name = "AlmaRefusal"
}

/** Records calls that Alma may not accept, because a plugin that catches errors would hide them. */
export class Violations {
  readonly #found: string[] = []

  get found(): readonly string[] {
    return this.#found
  }

  /** Records a violation and lets the plugin continue. */
  note(message: string): void {
    this.#found.push(message)
  }

  /** Records a violation and throws it. @throws AlmaRefusal */
  refuse(message: string): never {
    this.note(message)
    throw new AlmaRefusal(message)
  }

  /** Returns and clears the violations. */
  take(): string[] {
    return this.#found.splice(0)
  }

  /** Parses a value from the plugin. @throws AlmaRefusal when it is not valid */
  parse<T extends v.GenericSchema>(schema: T, value: unknown, where: string): v.InferOutput<T> {
    const parsed = v.safeParse(schema, value)
    return parsed.success ? parsed.output : this.refuse(`${where}: ${issueMessages(parsed.issues).join("; ")}`)
  }
}

/** Formats each issue with its path. */
export function issueMessages(issues: readonly v.BaseIssue<unknown>[]): string[] {
  return issues.map((issue) => {
    const path = v.getDotPath(issue)
    return path === null ? issue.message : `${path}: ${issue.message}`
  })
}
