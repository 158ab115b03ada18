/**
 * The value in a JSON text that a person or another program may have written: a byte order mark and any white space around it are no
 * part of it.
 * @returns undefined when it is no JSON. The parser's own error is not passed on: it quotes the text, which may hold a token.
 */
export function parseJsonText(text: string): unknown {
  try {
    // `trim` takes U+FEFF for white space.
    const value: unknown = JSON.parse(text.trim())
    return value
  } catch {
    return undefined
  }
}
