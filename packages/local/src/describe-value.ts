/** Describes an invalid value in a message: the first 40 characters of a string, else its type. */
export function describeValue(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : `a value of type ${typeof value}`
}
