/**
 * JSON that is safe to show: what a terminal would obey and what nobody sees is escaped.
 * @param indent spaces per level; without it, one line
 * @throws what `JSON.stringify` throws
 */
export function safeStringify(value: unknown, indent?: number): string {
  const escaped = (characters: string) =>
    characters.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return (JSON.stringify(value, undefined, indent) ?? "null").replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)
}
