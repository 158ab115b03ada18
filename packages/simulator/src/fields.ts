import { isJsonObject, type JsonObject } from "./json.ts"

/** A document of a control request is invalid. The message names the key. */
export class DocumentError extends Error {
  override name = "DocumentError"
}

/** Parses a value of a document. `where` is its path in the document. @throws DocumentError */
export type Reader<T> = (value: unknown, where: string) => T

/** An object of a document with checked keys. Its values are merged into the current ones. */
export interface Fields<T extends object> {
  /** The value of one key, or the current one when the document does not contain it. */
  read<K extends keyof T & string>(key: K, reader: Reader<T[K]>): T[K]
}

/** @throws DocumentError when `document` is not an object or has a key that `present` does not have. */
export function fieldsOf<T extends object>(document: unknown, where: string, present: T): Fields<T> {
  const object = objectOf(document, where)
  const unknown = Object.keys(object).find((key) => !Object.hasOwn(present, key))
  if (unknown !== undefined) {
    throw new DocumentError(`Unknown key ${at(where, unknown)}. Known are: ${Object.keys(present).join(", ")}`)
  }
  return {
    read: (key, reader) => (Object.hasOwn(object, key) ? reader(object[key], at(where, key)) : present[key]),
  }
}

export const objectOf: Reader<JsonObject> = (value, where) => {
  if (!isJsonObject(value)) throw new DocumentError(`${where || "The document"} must be an object`)
  return value
}

export const boolean: Reader<boolean> = (value, where) => {
  if (typeof value !== "boolean") throw new DocumentError(`${where} must be true or false`)
  return value
}

export const text: Reader<string> = (value, where) => {
  if (typeof value !== "string") throw new DocumentError(`${where} must be a string`)
  return value
}

export const anything: Reader<unknown> = (value) => value

/** A number, no less than `least`. */
export function numberFrom(least: number): Reader<number> {
  return (value, where) => {
    if (typeof value !== "number" || value < least) throw new DocumentError(`${where} must be a number from ${least}`)
    return value
  }
}

/** A whole number between two bounds, both included. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Reader<number> {
  return (value, where) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      throw new DocumentError(`${where} must be a whole number from ${least} to ${most}`)
    }
    return value
  }
}

export function oneOf<T extends string>(choices: readonly T[]): Reader<T> {
  return (value, where) => {
    const choice = choices.find((known) => known === value)
    if (choice === undefined) throw new DocumentError(`${where} must be one of: ${choices.join(", ")}`)
    return choice
  }
}

/** A list that contains each of the choices exactly once. */
export function eachOnce<T extends string>(choices: readonly T[]): Reader<T[]> {
  return (value, where) => {
    const list = listOf(oneOf(choices))(value, where)
    if (list.length !== choices.length || new Set(list).size !== choices.length) {
      throw new DocumentError(`${where} must have each of these once: ${choices.join(", ")}`)
    }
    return list
  }
}

export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return (value, where) => (value === null ? null : reader(value, where))
}

export function listOf<T>(reader: Reader<T>): Reader<T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw new DocumentError(`${where} must be an array`)
    return value.map((item: unknown, index) => reader(item, `${where}[${index}]`))
  }
}

/** An object with any keys, whose values all have the same type. */
export function recordOf<T>(reader: Reader<T>): Reader<Record<string, T>> {
  return (value, where) =>
    Object.fromEntries(Object.entries(objectOf(value, where)).map(([key, item]) => [key, reader(item, at(where, key))]))
}

function at(where: string, key: string): string {
  return where === "" ? key : `${where}.${key}`
}
