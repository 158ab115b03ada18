/** What makes OpenCode 1.18 send a request again when it stands anywhere in an error, whatever the status (observed). */
const RETRY_WORDS =
  /429|500|502|503|504|524|rate limit|too many requests|overloaded|fetch failed|econnreset|try again later/gi

/** U+2060, which takes no space: a person reads the same text, and OpenCode's search does not find the word. */
const WORD_JOINER = "\u2060"

/** A text that OpenCode does not take for a reason to try again, for conditions that trying again cannot help. */
export function withoutRetryWords(text: string): string {
  const joined = text.replace(RETRY_WORDS, ([first = "", ...rest]) => first + WORD_JOINER + rest.join(""))
  // Two of them can share a digit: 50429.
  return joined === text ? text : withoutRetryWords(joined)
}
