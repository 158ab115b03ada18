import type { Answer } from "../http/answer.ts"
import { fieldsOf } from "../http/json-object.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/**
 * The API's own description of a refusal, safe to log. Both fields are empty if it has none. Users see only a plain code,
 * because hosts retry when an error's text contains words like "500".
 */
export interface ServiceError {
  readonly code: string
  readonly message: string
}

/**
 * Reads the error object of a response: `{"error":{code,message}}`, or the same fields at the top level.
 * @param secret the credential of the request, which is removed because services repeat it
 */
export function serviceError({ json = {} }: Answer, secret: string): ServiceError {
  const { error } = json
  const { code, message } = fieldsOf(error) ?? json
  const text = (value: unknown) => (typeof value === "string" ? sanitizeText(value.replaceAll(secret, "…")) : "")
  return { code: text(code), message: text(message) || text(error) }
}
