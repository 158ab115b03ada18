const SPACE = /[ \t\r\n]*/y
const SCALAR =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings must not contain control characters
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * Returns the position of the first syntax error; undefined if the text is valid. Lines and columns begin with 1. Bun's
 * own parser reports no position.
 */
export function jsonErrorPosition(text: string): { readonly line: number; readonly column: number } | undefined {
  const at = firstError(text)
  if (at === undefined) return undefined
  const before = text.slice(0, at).split("\n")
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 }
}

/** What the parser expects next. */
type Next = "value" | "first item" | "first name" | "name" | "after a value"

/**
 * Returns the offset of the first character that is not JSON by RFC 8259. It does not recurse, so any depth is safe.
 */
function firstError(text: string): number | undefined {
  const open: ("}" | "]")[] = []
  let next: Next = "value"
  let at = 0
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found !== undefined
  }
  const take = (character: string | undefined) => {
    if (character === undefined || text[at] !== character) return false
    at++
    return true
  }
  const close = () => take(open.at(-1)) && open.pop() !== undefined
  const name = () => text[at] === '"' && match(SCALAR) && match(SPACE) && take(":")
  for (;;) {
    match(SPACE)
    if ((next === "first item" || next === "first name" || next === "after a value") && close()) next = "after a value"
    else if (next === "after a value") {
      if (open.length === 0) return at === text.length ? undefined : at
      if (!take(",")) return at
      next = open.at(-1) === "}" ? "name" : "value"
    } else if (next === "name" || next === "first name") {
      if (!name()) return at
      next = "value"
    } else if (take("{")) {
      open.push("}")
      next = "first name"
    } else if (take("[")) {
      open.push("]")
      next = "first item"
    } else if (match(SCALAR)) next = "after a value"
    else return at
  }
}
