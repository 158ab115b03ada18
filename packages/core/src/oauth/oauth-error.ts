import { type Answer, describeAnswer } from "../http/answer.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/**
 * Returns the `error` code of a response (RFC 6749 §5.2), whatever its status: Qwen has sent errors with status 200.
 */
export function oauthErrorCode(answer: Answer): string | undefined {
  const code = answer.json?.["error"]
  return typeof code === "string" && code !== "" ? sanitizeText(code, 60) : undefined
}

/** Returns the server's error code and description, safe to show: `invalid_client: Invalid client credentials`. */
export function oauthErrorText(answer: Answer): string {
  const code = oauthErrorCode(answer)
  if (code === undefined) return describeAnswer(answer)
  const description = answer.json?.["error_description"]
  return typeof description === "string" && description !== "" ? `${code}: ${sanitizeText(description)}` : code
}

/** Returns true for a status that says nothing about the request: a timeout, a rate limit or a server error. */
export function isTemporary({ status }: Answer): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** Returns the message about a response that is neither a success nor an error of the protocol. */
export function unexpectedAnswerText(answer: Answer): string {
  return `The sign-in service did not answer as expected (${describeAnswer(answer)}).`
}

/**
 * Returns the response with the request's secrets removed from its error code and description.
 * @param secrets the device code, user code, verifier or refresh token of the request
 */
export function withoutSecrets(answer: Answer, secrets: readonly string[]): Answer {
  const { json } = answer
  if (json === undefined || json["error"] === undefined) return answer
  const clean = (value: unknown) =>
    typeof value === "string" ? secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), value) : value
  const error_description = clean(json["error_description"])
  return { ...answer, json: { ...json, error: clean(json["error"]), error_description } }
}
