/** A value that somebody wrote, for a message: its beginning when it is a text, else its type. */
export function describeValue(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : `a value of type ${typeof value}`
}
