const LONGEST = 200

/** Longer than any word, model name or host label; tokens are longer still, and servers have echoed them. */
const TOKEN_LIKE = /[A-Za-z0-9_+=~-]{32,}/g

/**
 * Text from outside made safe to show: no control or escape characters, no bidirectional overrides, nothing as long as a
 * token, one line, at most `longest` characters. Servers, proxies and portals write what they like, and a terminal would
 * obey it.
 */
export function readable(text: string, longest = LONGEST): string {
  const line = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(TOKEN_LIKE, "…")
    .trim()
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`
}
