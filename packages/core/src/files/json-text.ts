/**
 * Parses a JSON text that a user or another program may have written. Ignores a byte order mark and any white space
 * around it.
 * @returns the value, or undefined if the text is not valid JSON. The parser's error is not passed on, because it
 *   quotes the text, which may contain a token.
 */
export function parseJsonText(text: string): unknown {
  try {
    // `trim` treats U+FEFF as white space.
    const value: unknown = JSON.parse(text.trim())
    return value
  } catch {
    return undefined
  }
}
