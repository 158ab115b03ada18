import { parseJsonText } from "../files/json-text.ts"

/** Returns the object in a JSON text, or undefined if the text is not JSON or holds another value. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJsonText(text)
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
