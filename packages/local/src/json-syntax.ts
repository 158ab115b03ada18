import { type ParseError, type ParseOptions, parse } from "jsonc-parser"

/** A place in a text. Lines and columns begin with 1. */
export interface TextPosition {
  readonly line: number
  readonly column: number
}

/** JSON with comments and commas at the end of lists, as OpenCode reads its configuration. */
export const WITH_COMMENTS: ParseOptions = { allowTrailingComma: true }

/**
 * Returns the position of the first syntax error; undefined if the text is valid. Bun's own parser reports no position.
 * @param options what is allowed besides JSON. Default: nothing
 */
export function syntaxErrorPosition(
  text: string,
  options: ParseOptions = { disallowComments: true },
): TextPosition | undefined {
  const errors: ParseError[] = []
  try {
    parse(text, errors, options)
  } catch {
    // The parser recurses, so it cannot read a text that is nested too deeply.
    return { line: 1, column: 1 }
  }
  const [first] = errors
  if (first === undefined) return undefined
  const before = text.slice(0, first.offset).split("\n")
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 }
}
