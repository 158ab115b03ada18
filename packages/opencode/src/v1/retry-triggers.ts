/** OpenCode 1.18 retries a request if its error contains one of these texts, whatever the status (read in its code). */
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

/** U+2060 is invisible: the user reads the same text, but OpenCode's search does not find the trigger. */
const WORD_JOINER = "\u2060"

/** Returns the text without retry triggers, for errors that a retry cannot fix. */
export function defuseRetryTriggers(text: string): string {
  const joined = text.replace(RETRY_TRIGGERS, ([first = "", ...rest]) => first + WORD_JOINER + rest.join(""))
  // Two triggers can overlap, as in 50429.
  return joined === text ? text : defuseRetryTriggers(joined)
}
