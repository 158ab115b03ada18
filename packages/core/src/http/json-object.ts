/** The object in a JSON text; undefined for any other value and for what is no JSON. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    // The parser's own message quotes the text, which may be a token.
    return undefined
  }
}
