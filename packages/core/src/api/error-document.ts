import { parseJsonObject } from "../http/json-object.ts"

type Json = Readonly<Record<string, unknown>>

/** An error that came with a status of success. */
export interface ErrorDocument {
  /** The error as the API writes it. */
  readonly json: Json
  /** The status that it should have come with. */
  readonly status: number
}

/**
 * Finds an error in the beginning of an answer: a JSON document, or the first event of a stream (`data: {"error":…}`, or
 * DashScope's `event:error` with the status in a comment, `:HTTP_STATUS/400`).
 * @returns undefined when the text does not begin with a complete error
 */
export function findErrorDocument(text: string): ErrorDocument | undefined {
  const event = text.trimStart().startsWith("{") ? { data: text } : readFirstEvent(text)
  const json = parseJsonObject(event.data)
  if (event.name === "error" && json === undefined && event.data !== "") {
    return { json: { error: event.data }, status: event.status ?? UNNAMED }
  }
  if (json === undefined || !isError(json)) return undefined
  return { json, status: event.status ?? statedStatus(json) ?? statusOfCode(json) }
}

/** An error of unknown kind: hosts do not repeat a request for it. */
const UNNAMED = 400

interface FirstEvent {
  readonly data: string
  readonly name?: string
  readonly status?: number | undefined
}

function readFirstEvent(text: string): FirstEvent {
  let name = ""
  let status: number | undefined
  const data: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === "" && data.length > 0) break
    const { field = "", value = "" } = /^(?<field>[^:]*):? ?(?<value>.*)$/.exec(line)?.groups ?? {}
    if (field === "event") name = value.trim()
    else if (field === "data") data.push(value)
    else if (line.startsWith(":HTTP_STATUS/")) status = asErrorStatus(line.slice(":HTTP_STATUS/".length))
  }
  return { data: data.join("\n"), name, status }
}

function isError(json: Json): boolean {
  if (json["choices"] !== undefined && json["choices"] !== null) return false
  const { error, code, message } = json
  if (typeof error === "string" || (typeof error === "object" && error !== null)) return true
  return (typeof code === "string" || typeof code === "number") && typeof message === "string"
}

/** Some gateways write the status into the error. */
function statedStatus(json: Json): number | undefined {
  for (const source of [asObject(json["error"]), json]) {
    for (const name of ["status", "status_code", "statusCode", "http_status", "code"]) {
      const status = asErrorStatus(source[name])
      if (status !== undefined) return status
    }
  }
  return undefined
}

/** The statuses that come with the API's own codes and texts. */
const STATUSES: readonly (readonly [said: RegExp, status: number])[] = [
  [/invalid_?api_?key|invalid access token/i, 401],
  [/throttling|rate_?limit|insufficient_quota|allocated quota exceeded|exceeded your current quota/i, 429],
  [/too many requests|rate limit/i, 429],
  [/access_?denied|permission_?denied/i, 403],
  [/model_?not_?found/i, 404],
  [/internal_?(?:server_?)?error|server_error|service_?unavailable|overloaded/i, 500],
]

function statusOfCode(json: Json): number {
  const { code, type, message } = { ...json, ...asObject(json["error"]) }
  const said = [code, type, message, json["error"]].filter((part) => typeof part === "string").join(" ")
  return STATUSES.find(([pattern]) => pattern.test(said))?.[1] ?? UNNAMED
}

function asErrorStatus(value: unknown): number | undefined {
  const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {}
}
