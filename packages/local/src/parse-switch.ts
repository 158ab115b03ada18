const VALUES = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
])

/**
 * Parses an environment variable that is on or off: 1 or true, 0 or false.
 * @returns undefined if it is not set or empty, `invalid` for any other value
 */
export function parseSwitch(value: string | undefined): boolean | "invalid" | undefined {
  const text = value?.trim().toLowerCase()
  return text ? (VALUES.get(text) ?? "invalid") : undefined
}
