/**
 * OpenCode 1.18 retries a request when one of these patterns matches an error's message or body, whatever the status. Copied from its
 * program.
 */
const RETRY_TRIGGERS: readonly RegExp[] = [
  /429|500|502|503|504|524/,
  /rate increased too quickly|rate limit|rate-limit|rate_limit|too many requests/i,
  /overloaded|internal server error/i,
  /(?:service[ _-]unavailable|internal[ _-]error|server[ _-]error|provider[ _-]returned[ _-]error)/i,
  /terminated|fetch failed|failed to fetch|network[-_\s]error|upstream connect|connection error|connection refused/i,
  /connection lost|socket connection was closed|socket hang up|reset before headers|getaddrinfo|enotfound|eai_again/i,
  /econnrefused|econnreset|etimedout/i,
  /^timeout$|\b(?:request|response|connection|network|stream|read) (?:timeout|timed out|time out)\b/i,
  /try your request again|retry your request|resource exhausted|resource_exhausted/i,
  /\btry again (?:later|in\b)|\b(?:currently|temporarily) at capacity\b/i,
]

/** The first retry trigger in a text, if there is one. */
export function retryWordIn(text: string): string | undefined {
  return RETRY_TRIGGERS.map((pattern) => pattern.exec(text)?.[0]).find((match) => match !== undefined)
}
