/** A failure whose message is complete: what happened, then what to do. It repeats no value that may be a secret. */
export class CommandError extends Error {
  override readonly name: string = "CommandError"
}

/** The command was called in a wrong way. */
export class UsageError extends CommandError {
  override readonly name = "UsageError"
}
