const MAX_LENGTH = 200

/** Longer than any word or host label. Servers have echoed tokens in their messages. */
const TOKEN_LIKE = /[A-Za-z0-9_+=~-]{32,}/g

const MAX_NAME_LENGTH = 100

/**
 * A part of a model's name: a word, a number or a short mixture of both (`qwen3`, `a22b`). Tokens have longer mixtures.
 */
const NAME_PART = /^(?:[A-Za-z]{1,20}|\d{1,12}|[A-Za-z\d]{1,7})$/

/**
 * Makes text from a server, a proxy or a user safe to show. Removes control and escape characters, which a terminal
 * would interpret, bidirectional overrides and anything as long as a token. Returns one line.
 * @param maxLength the maximum length in characters, 200 by default
 */
export function sanitizeText(text: string, maxLength = MAX_LENGTH): string {
  const line = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(TOKEN_LIKE, "…")
    .trim()
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`
}

/**
 * Makes a model's name safe to show. Keeps words and numbers with single separators; treats any other name as
 * {@link sanitizeText} does.
 */
export function readableModelName(name: string): string {
  const parts = name.split(/[._:/@-]/)
  const isName = name.length <= MAX_NAME_LENGTH && parts[0] !== "sk" && parts.every((part) => NAME_PART.test(part))
  return isName ? name : sanitizeText(name, MAX_NAME_LENGTH)
}
