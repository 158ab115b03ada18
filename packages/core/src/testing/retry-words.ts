/**
 * What makes OpenCode 1.18 send a request again when it is found anywhere in an error's message or body, whatever the status.
 */
const RETRY_WORDS =
  /429|500|502|503|504|524|rate limit|too many requests|overloaded|fetch failed|econnreset|try again later/i

/** The retry word in a text, if one is there. */
export function retryWordIn(text: string): string | undefined {
  return RETRY_WORDS.exec(text)?.[0]
}
