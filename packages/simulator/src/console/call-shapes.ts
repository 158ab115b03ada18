import type { JsonObject } from "../json.ts"

/** The observed shapes of the console's call, the current one first. */
export const CALL_SHAPES = ["post", "get", "form", "camel", "data"] as const
export type CallShape = (typeof CALL_SHAPES)[number]

/** A call to the program. */
export interface Call {
  method: "GET" | "POST"
  /** With the query. */
  path: string
  contentType: string | undefined
  body: string
}

/** Encodes a hand-over document in a shape. */
export function shapedCall(shape: CallShape, state: string, document: JsonObject): Call {
  const path = `/?${new URLSearchParams({ state })}`
  switch (shape) {
    case "post":
      return jsonCall(path, document)
    case "camel":
      return jsonCall(path, Object.fromEntries(Object.entries(document).map(([key, value]) => [camel(key), value])))
    case "data":
      return jsonCall(path, { data: document })
    case "form":
      return { method: "POST", path, contentType: "application/x-www-form-urlencoded", body: `${form(document)}` }
    case "get":
      return { method: "GET", path: `${path}&${form(document)}`, contentType: undefined, body: "" }
  }
}

function jsonCall(path: string, value: JsonObject): Call {
  return { method: "POST", path, contentType: "application/json", body: JSON.stringify(value) }
}

function form(document: JsonObject): URLSearchParams {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value))
  return new URLSearchParams(Object.entries(document).map(([key, value]): [string, string] => [key, text(value)]))
}

function camel(key: string): string {
  return key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}
