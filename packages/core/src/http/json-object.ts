import { parseJsonText } from "../files/json-text.ts"

/** Returns the fields of an object; undefined for any other value, a list included. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

/** Returns the items of a list; none for any other value. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Returns the object in a JSON text, or undefined if the text is not JSON or holds another value. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  return fieldsOf(parseJsonText(text))
}
