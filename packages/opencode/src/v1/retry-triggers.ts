/** What makes OpenCode 1.18 send a request again when it stands anywhere in an error, whatever the status (read in its code). */
const RETRY_TRIGGERS = new RegExp(
  [
    "429|500|502|503|504|524",
    "rate increased too quickly|rate[-_ ]?limit|too many requests",
    "overloaded|(?:service[-_ ]unavailable)|(?:internal|server)[-_ ]error|provider[-_ ]returned[-_ ]error|internal server error",
    "terminated|fetch failed|failed to fetch|network[-_\\s]error|upstream connect|connection (?:error|refused|lost)",
    "socket connection was closed|socket hang up|reset before headers|getaddrinfo|enotfound|eai_again|econn|etimedout",
    "(?:request|response|connection|network|stream|read) (?:timeout|timed out|time out)",
    "try your request again|retry your request|resource[ _]exhausted|try again (?:later|in\\b)|at capacity",
  ].join("|"),
  "gi",
)

/** U+2060, which takes no space: a person reads the same text, and OpenCode's search does not find the word. */
const WORD_JOINER = "\u2060"

/** A text that OpenCode does not take for a reason to try again, for conditions that trying again cannot help. */
export function defuseRetryTriggers(text: string): string {
  const joined = text.replace(RETRY_TRIGGERS, ([first = "", ...rest]) => first + WORD_JOINER + rest.join(""))
  // Two of them can share a digit: 50429.
  return joined === text ? text : defuseRetryTriggers(joined)
}
