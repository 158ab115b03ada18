import type { Answer } from "../http/answer.ts"
import { sanitizeText } from "../log/sanitize-text.ts"

/**
 * What the API says of a refusal, made safe for a log. Both are empty when it does not say. People read neither but a plain code:
 * hosts search an error's text for words like "500" and try again.
 */
export interface ServiceError {
  readonly code: string
  readonly message: string
}

/**
 * The error object of the API (`{"error":{code,message}}`, or flat), as far as it is there.
 * @param secret the credential that the request carried: services repeat it
 */
export function serviceError(answer: Answer, secret: string): ServiceError {
  const said = (words: string) => sanitizeText(words.replaceAll(secret, "…"))
  const nested = answer.json?.["error"]
  const source = typeof nested === "object" && nested !== null ? { ...nested } : { ...answer.json }
  const text = (name: string) => {
    const value: unknown = Reflect.get(source, name)
    return typeof value === "string" ? said(value) : ""
  }
  return { code: text("code"), message: text("message") || (typeof nested === "string" ? said(nested) : "") }
}
