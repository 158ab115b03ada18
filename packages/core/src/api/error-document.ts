import { EVENT_END, eventData } from "../http/event-stream.ts"
import { fieldsOf, parseJsonObject } from "../http/json-object.ts"

type Json = Readonly<Record<string, unknown>>

/** An error in a response with a successful status. */
export interface ErrorDocument {
  /** The error object of the API. */
  readonly json: Json
  /** The status that the response should have had. */
  readonly status: number
}

/**
 * Finds an error at the beginning of a response: a JSON document, or the first event of a stream (`data:
 * {"error":…}`, or DashScope's `event:error` with the status in a comment, `:HTTP_STATUS/400`).
 * @returns undefined when the text does not begin with a complete error
 */
export function findErrorDocument(text: string): ErrorDocument | undefined {
  if (!SIGNS.test(text)) return undefined
  const { data, name, status }: FirstEvent = text.trimStart().startsWith("{") ? { data: text } : readFirstEvent(text)
  const json = parseJsonObject(data)
  if (json === undefined) {
    return name === "error" && data !== "" ? { json: { error: data }, status: status ?? UNKNOWN_STATUS } : undefined
  }
  return isError(json) ? { json, status: status ?? statedStatus(json) ?? statusOfCode(json) } : undefined
}

/** Every error has one of these, so most good responses are not parsed. */
const SIGNS = /error|"code"/

/** The status of an unknown error. Hosts do not retry it. */
const UNKNOWN_STATUS = 400

interface FirstEvent {
  readonly data: string
  readonly name?: string | undefined
  readonly status?: number | undefined
}

/** Reads the first event that has data. */
function readFirstEvent(text: string): FirstEvent {
  const event = text.split(EVENT_END).find((part) => eventData(part) !== "") ?? ""
  return {
    data: eventData(event),
    name: /^event:(?<name>.*)$/m.exec(event)?.groups?.["name"]?.trim(),
    status: asErrorStatus(/^:HTTP_STATUS\/(?<status>.*)$/m.exec(event)?.groups?.["status"]),
  }
}

function isError(json: Json): boolean {
  const { choices } = json
  if (choices !== undefined && choices !== null && !(Array.isArray(choices) && choices.length === 0)) return false
  const { error, code, message } = json
  if (typeof error === "string" || (typeof error === "object" && error !== null)) return true
  return (typeof code === "string" || typeof code === "number") && typeof message === "string"
}

/** Fields in which some gateways repeat the status. */
const STATUS_FIELDS = ["status", "status_code", "statusCode", "http_status", "code"]

function statedStatus(json: Json): number | undefined {
  return [fieldsOf(json["error"]), json]
    .flatMap((source) => STATUS_FIELDS.map((name) => asErrorStatus(source?.[name])))
    .find((status) => status !== undefined)
}

/** The statuses that the API uses for its error codes and messages. */
const STATUSES: readonly (readonly [pattern: RegExp, status: number])[] = [
  [/invalid_?api_?key|invalid access token/i, 401],
  [/throttling|rate[_ ]?limit|too many requests/i, 429],
  [/insufficient_quota|allocated quota exceeded|exceeded your current quota/i, 429],
  [/access_?denied|permission_?denied/i, 403],
  [/model_?not_?found/i, 404],
  [/internal_?(?:server_?)?error|server_error|service_?unavailable|overloaded/i, 500],
]

function statusOfCode(json: Json): number {
  const { code, type, message } = { ...json, ...fieldsOf(json["error"]) }
  const text = [code, type, message, json["error"]].filter((part) => typeof part === "string").join(" ")
  return STATUSES.find(([pattern]) => pattern.test(text))?.[1] ?? UNKNOWN_STATUS
}

function asErrorStatus(value: unknown): number | undefined {
  const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined
}
