import type { Answer } from "../http/answer.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/**
 * The API's own description of a refusal, safe to log. Both fields are empty when it has none. Users see only a plain
 * code, because hosts retry when an error's text contains words like "500".
 */
export interface ServiceError {
  readonly code: string
  readonly message: string
}

/**
 * Reads the error object of a response: `{"error":{code,message}}`, or the same fields at the top level.
 * @param secret the credential of the request, which is removed because services repeat it
 */
export function serviceError(answer: Answer, secret: string): ServiceError {
  const sanitized = (value: string) => sanitizeText(value.replaceAll(secret, "…"))
  const nested = answer.json?.["error"]
  const source = typeof nested === "object" && nested !== null ? { ...nested } : { ...answer.json }
  const text = (name: string) => {
    const value: unknown = Reflect.get(source, name)
    return typeof value === "string" ? sanitized(value) : ""
  }
  return { code: text("code"), message: text("message") || (typeof nested === "string" ? sanitized(nested) : "") }
}
