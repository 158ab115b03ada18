/** Returns the lines that differ between two texts, with two lines around them: `- old`, `+ new`, `  same`. */
export function lineDiff(before: string, after: string): string {
  const [old, fresh] = [linesOf(before), linesOf(after)]
  const limit = Math.min(old.length, fresh.length)
  let start = 0
  while (start < limit && old[start] === fresh[start]) start++
  let end = 0
  while (end < limit - start && old.at(-1 - end) === fresh.at(-1 - end)) end++
  const around = (lines: readonly string[]) => lines.map((line) => `  ${line}`)
  return [
    ...around(old.slice(Math.max(0, start - 2), start)),
    ...old.slice(start, old.length - end).map((line) => `- ${line}`),
    ...fresh.slice(start, fresh.length - end).map((line) => `+ ${line}`),
    ...around(old.slice(old.length - end, old.length - end + 2)),
  ].join("\n")
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/)
}
