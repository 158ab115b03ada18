const LONGEST = 200

/** Longer than any word or host label; tokens are longer still, and servers have echoed them. */
const TOKEN_LIKE = /[A-Za-z0-9_+=~-]{32,}/g

const LONGEST_NAME = 100

/** A part of a model's name: a word, a number or a short mixture of both (`qwen3`, `a22b`). In a token the mixtures are longer. */
const NAME_PART = /^(?:[A-Za-z]{1,20}|\d{1,12}|[A-Za-z\d]{1,7})$/

/**
 * Text from outside made safe to show: no control or escape characters, no bidirectional overrides, nothing as long as a
 * token, one line, at most `longest` characters. Servers, proxies and portals write what they like, and a terminal would
 * obey it.
 */
export function sanitizeText(text: string, longest = LONGEST): string {
  const line = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(TOKEN_LIKE, "…")
    .trim()
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`
}

/** A model's name made safe to show: in full when it is words and numbers with single signs between, else as any other text. */
export function readableModelName(name: string): string {
  const parts = name.split(/[._:/@-]/)
  const isName = name.length <= LONGEST_NAME && parts[0] !== "sk" && parts.every((part) => NAME_PART.test(part))
  return isName ? name : sanitizeText(name, LONGEST_NAME)
}
