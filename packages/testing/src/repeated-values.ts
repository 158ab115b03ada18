/** Returns the values that occur earlier in the list too. */
export function repeatedValues(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index)
}
