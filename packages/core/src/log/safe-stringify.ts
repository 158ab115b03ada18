/**
 * Returns `value` as JSON that is safe to show: control characters and invisible characters are escaped.
 * @param indent spaces per level; one line if undefined
 * @throws the error of `JSON.stringify`
 */
export function safeStringify(value: unknown, indent?: number): string {
  const escaped = (characters: string) =>
    characters.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return (JSON.stringify(value, undefined, indent) ?? "null").replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)
}
