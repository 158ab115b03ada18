/** A program and its arguments as a command of the shell. */
export function shellCommand(parts: readonly string[]): string {
  return parts.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(" ")
}
