import type { Node } from "jsonc-parser"

/** Replaces `length` characters at `offset`. */
export interface Edit {
  readonly offset: number
  readonly length: number
  readonly text: string
}

/** Applies edits that do not overlap. Everything outside of them is kept, character for character. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.offset - a.offset || b.length - a.length)
    .reduce(
      (rest, { offset, length, text: added }) => rest.slice(0, offset) + added + rest.slice(offset + length),
      text,
    )
}

/**
 * Returns the edits that add an item or a property at the end of an array or object, in the file's own indentation and
 * line ends. A comment stays with the item that it follows.
 */
export function insertChild(text: string, container: Node, added: string): Edit[] {
  const last = container.children?.at(-1)
  return last === undefined ? insertFirst(text, container, added) : insertAfter(text, container, last, added)
}

function insertFirst(text: string, container: Node, added: string): Edit[] {
  const at = container.offset + 1
  const inner = text.slice(at, container.offset + container.length - 1)
  const eol = lineEnd(text)
  const outside = indentAt(text, container.offset)
  if (inner.includes("\n")) return [insert(at, `${eol}${outside}${indentOf(text)}${added}`)]
  // An object has its properties in lines of their own.
  if (container.type === "object") return [insert(at, `${eol}${outside}${indentOf(text)}${added}${eol}${outside}`)]
  return [insert(at, added)]
}

function insertAfter(text: string, container: Node, last: Node, added: string): Edit[] {
  const end = last.offset + last.length
  const { commaEnd, lineStop } = whatFollows(text, end)
  if (!text.slice(container.offset, last.offset).includes("\n"))
    return [commaEnd === undefined ? insert(end, `, ${added}`) : insert(commaEnd, ` ${added},`)]
  const line = `${lineEnd(text)}${indentAt(text, last.offset)}${added}`
  // The style of the last comma is kept.
  if (commaEnd !== undefined) return [insert(lineStop, `${line},`)]
  return lineStop === end ? [insert(end, `,${line}`)] : [insert(end, ","), insert(lineStop, line)]
}

/** Returns the edits that remove an item or a property with its comma and its line. */
export function removeChild(text: string, container: Node, child: Node): Edit[] {
  const siblings = container.children ?? []
  const previous = siblings[siblings.indexOf(child) - 1]
  const end = child.offset + child.length
  const { commaEnd } = whatFollows(text, end)
  const before = text.slice(0, child.offset)
  const [blank = ""] = /(?:\r?\n)?[ \t]*$/.exec(before) ?? []
  const start = child.offset - blank.length
  const oneLine = previous === undefined && commaEnd !== undefined && !blank.includes("\n")
  const after = oneLine ? (/^[ \t]*/.exec(text.slice(commaEnd))?.[0].length ?? 0) : 0
  const removed = { offset: start, length: (commaEnd ?? end) + after - start, text: "" }
  if (commaEnd !== undefined || previous === undefined) return [removed]
  const separator = whatFollows(text, previous.offset + previous.length).commaEnd
  if (separator === undefined) return [removed]
  // The comma stands directly before what is removed, or before a comment.
  return separator > start
    ? [{ ...removed, offset: separator - 1, length: removed.offset + removed.length - separator + 1 }]
    : [{ offset: separator - 1, length: 1, text: "" }, removed]
}

/**
 * Finds the comma after a value, and where a new line can be added after it: behind the comment in the same line, and
 * behind the comma.
 */
function whatFollows(text: string, end: number): { commaEnd: number | undefined; lineStop: number } {
  let commaEnd: number | undefined
  let lineStop = end
  let sameLine = true
  SEPARATOR.lastIndex = end
  for (let found = SEPARATOR.exec(text); found !== null; found = SEPARATOR.exec(text)) {
    const [piece] = found
    if (piece === "," || piece.endsWith("\n")) {
      if (commaEnd !== undefined) break
      sameLine = piece === ","
    }
    if (piece === ",") commaEnd = SEPARATOR.lastIndex
    if (sameLine && piece.trim() !== "") lineStop = SEPARATOR.lastIndex
  }
  return { commaEnd, lineStop }
}

/** The pieces that can stand between two values: white space, a line end, a comment, a comma. */
const SEPARATOR = /[^\S\n]*\n|[^\S\n]+|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|,/y

function insert(offset: number, text: string): Edit {
  return { offset, length: 0, text }
}

/** Returns the line end of a text: that of its first line. */
export function lineEnd(text: string): "\n" | "\r\n" {
  return /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n"
}

/** Returns the indentation of a text: that of its first indented line. */
function indentOf(text: string): string {
  return /^([ \t]+)\S/m.exec(text)?.[1] ?? "  "
}

/** Returns the white space at the start of the line of an offset. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset)
  return /^[ \t]*/.exec(line)?.[0] ?? ""
}
