import { parseJsonText } from "../files/json-text.ts"

/** The object in a JSON text; undefined for any other value and for what is no JSON. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJsonText(text)
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
