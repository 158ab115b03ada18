import { type Answer, describeAnswer } from "../http/answer.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/** The `error` code of an answer (RFC 6749 §5.2), whatever its status: Qwen has sent errors with status 200. */
export function oauthErrorCode(answer: Answer): string | undefined {
  const code = answer.json?.["error"]
  return typeof code === "string" && code !== "" ? sanitizeText(code, 60) : undefined
}

/** The server's own words about a refusal, made safe to show: `invalid_client: Invalid client credentials`. */
export function oauthErrorText(answer: Answer): string {
  const code = oauthErrorCode(answer)
  if (code === undefined) return describeAnswer(answer)
  const description = answer.json?.["error_description"]
  return typeof description === "string" && description !== "" ? `${code}: ${sanitizeText(description)}` : code
}

/**
 * An answer whose words about an error do not repeat what the request carried.
 * @param secrets device code, user code, verifier, refresh token
 */
export function withoutSecrets(answer: Answer, secrets: readonly string[]): Answer {
  const { json } = answer
  if (json === undefined || json["error"] === undefined) return answer
  const clean = (value: unknown) =>
    typeof value === "string" ? secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), value) : value
  const error_description = clean(json["error_description"])
  return { ...answer, json: { ...json, error: clean(json["error"]), error_description } }
}
