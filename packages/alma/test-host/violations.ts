import * as v from "valibot"

/** What Alma's side says no with: a folder it does not take, an API that is not there, a host without permission. */
export class AlmaRefusal extends Error {
  override readonly name = "AlmaRefusal"
}

/** What the plugin did that Alma may not stand: kept, because a plugin that catches errors would hide it. */
export class Violations {
  readonly #found: string[] = []

  get found(): readonly string[] {
    return this.#found
  }

  /** Notes it without stopping the plugin. */
  note(message: string): void {
    this.#found.push(message)
  }

  /** Notes it and throws it at the plugin. */
  refuse(message: string): never {
    this.note(message)
    throw new AlmaRefusal(message)
  }

  /** All so far, which are then forgiven. */
  take(): string[] {
    return this.#found.splice(0)
  }

  /** A value of the plugin's, in the form that Alma takes; anything else is refused. */
  parse<T extends v.GenericSchema>(schema: T, value: unknown, where: string): v.InferOutput<T> {
    const parsed = v.safeParse(schema, value)
    return parsed.success ? parsed.output : this.refuse(`${where}: ${inWords(parsed.issues).join("; ")}`)
  }
}

/** What is wrong with a value, a sentence for each place. */
export function inWords(issues: readonly v.BaseIssue<unknown>[]): string[] {
  return issues.map((issue) => {
    const path = v.getDotPath(issue)
    return path === null ? issue.message : `${path}: ${issue.message}`
  })
}
