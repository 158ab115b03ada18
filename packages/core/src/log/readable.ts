const LONGEST = 200

/**
 * Text from outside made safe to show: no control or escape characters, no bidirectional overrides, one line, at most
 * `longest` characters. Servers, proxies and portals write what they like, and a terminal would obey it.
 */
export function readable(text: string, longest = LONGEST): string {
  const line = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`
}
