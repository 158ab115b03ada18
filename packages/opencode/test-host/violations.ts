import * as v from "valibot"

/** The error for anything that OpenCode 2 is not known to allow. */
export class HostRefusal extends Error {
  override readonly name = "HostRefusal"
}

/** A function of the plugin. Its arguments and its result are checked where it is called. */
export type Callable = (...args: unknown[]) => unknown

export const CallableSchema = v.custom<Callable>((value) => typeof value === "function", "must be a function")

/** Records what the plugin did wrong, because a plugin that catches errors would hide it. */
export class Violations {
  readonly #found: string[] = []

  get found(): readonly string[] {
    return this.#found
  }

  /** Records a violation and lets the plugin continue. */
  note(message: string): void {
    this.#found.push(message)
  }

  /** Records a violation and throws it. @throws HostRefusal */
  refuse(message: string): never {
    this.note(message)
    throw new HostRefusal(message)
  }

  /** Returns and clears the violations. */
  take(): string[] {
    return this.#found.splice(0)
  }

  /** Parses a value from the plugin. @throws HostRefusal when it is not valid */
  parse<T extends v.GenericSchema>(schema: T, value: unknown, where: string): v.InferOutput<T> {
    const parsed = v.safeParse(schema, value)
    return parsed.success ? parsed.output : this.refuse(`${where}: ${issueMessages(parsed.issues).join("; ")}`)
  }
}

/** Formats each issue with its path. */
function issueMessages(issues: readonly v.BaseIssue<unknown>[]): string[] {
  return issues.map((issue) => {
    const path = v.getDotPath(issue)
    return path === null ? issue.message : `${path}: ${issue.message}`
  })
}

/** The message of anything thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
