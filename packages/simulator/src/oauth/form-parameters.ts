import type { SimulatorRequest } from "../http/request.ts"

/** The parameters of an OAuth request. */
export type FormParameters = Map<string, string>

/** Reads a form body, or describes what is wrong with it (RFC 6749 §3.2: a form, no repeated parameter, empty means absent). */
export function formParameters(request: SimulatorRequest): FormParameters | string {
  const contentType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase()
  if (contentType !== "application/x-www-form-urlencoded") {
    return "The body must be application/x-www-form-urlencoded"
  }
  const parameters: FormParameters = new Map()
  for (const [name, value] of new URLSearchParams(request.text)) {
    if (parameters.has(name)) return `Parameter ${name} is sent more than once`
    parameters.set(name, value)
  }
  for (const [name, value] of parameters) if (value === "") parameters.delete(name)
  return parameters
}

/** Describes the first of `names` that is missing; `undefined` when all are present. */
export function missingParameter(parameters: FormParameters, names: readonly string[]): string | undefined {
  const missing = names.find((name) => !parameters.has(name))
  return missing === undefined ? undefined : `Missing parameter: ${missing}`
}
