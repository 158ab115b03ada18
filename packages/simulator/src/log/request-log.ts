import type { IncomingHttpHeaders } from "node:http"
import { isJsonObject, parseJson } from "../json.ts"

/** The maximum number of requests. The oldest are dropped first. */
export const LOGGED_REQUESTS = 5_000
/** The maximum number of characters of one body. */
export const LOGGED_BODY_CHARACTERS = 1024 * 1024
/** The maximum number of characters of all bodies, so that a long benchmark does not fill memory. The oldest are dropped first. */
const LOGGED_CHARACTERS = 64 * 1024 * 1024

/** A request at its arrival, before its body is read. */
interface Arrival {
  /** The time of arrival, epoch ms. */
  time: number
  method: string
  /** The requested host: a real name, or the simulator's own `127.0.0.1:PORT`. */
  host: string
  /** Present only when the request came through the proxy. */
  proxied?: true
  path: string
  query: Record<string, string>
  headers: IncomingHttpHeaders
}

/** The result of a request. */
interface Result {
  /** The status of the response; missing before the response and when the connection was reset. */
  status?: number
  /** Present only when the connection closed before the end of the response. */
  left?: true
}

/** A request in the log. The body is parsed only when the log is read, which most runs never do. */
interface KeptRequest extends Arrival, Result {
  text: string
  truncated: boolean
}

/** A request in the response of `GET /_sim/log`. */
export interface LoggedRequest extends Arrival, Result {
  /** A form as an object, JSON as its value, anything else as text; `null` without a body. */
  body: unknown
  /** Present only when the body was too long and was truncated. The body is then text. */
  bodyTruncated?: true
}

/** The fields that the server sets while it handles a logged request. */
export interface LogEntry {
  body(text: string): void
  answered(status: number): void
  left(): void
}

/** The log of requests, oldest first. */
export class RequestLog {
  #kept: KeptRequest[] = []
  #characters = 0

  add(arrival: Arrival): LogEntry {
    const kept: KeptRequest = { ...arrival, text: "", truncated: false }
    this.#kept.push(kept)
    this.#forgetOldest()
    return {
      body: (text) => {
        kept.truncated = text.length > LOGGED_BODY_CHARACTERS
        kept.text = kept.truncated ? text.slice(0, LOGGED_BODY_CHARACTERS) : text
        this.#characters += kept.text.length
        this.#forgetOldest()
      },
      answered: (status) => {
        kept.status = status
      },
      left: () => {
        kept.left = true
      },
    }
  }

  entries(): LoggedRequest[] {
    return this.#kept.map(toLogged)
  }

  clear(): void {
    this.#kept = []
    this.#characters = 0
  }

  #forgetOldest(): void {
    while (this.#kept.length > LOGGED_REQUESTS || (this.#characters > LOGGED_CHARACTERS && this.#kept.length > 1)) {
      this.#characters -= this.#kept.shift()?.text.length ?? 0
    }
  }
}

function toLogged({ text, truncated, ...rest }: KeptRequest): LoggedRequest {
  if (truncated) return { ...rest, body: text, bodyTruncated: true }
  return { ...rest, body: parsedBody(text, rest.headers["content-type"] ?? "") }
}

function parsedBody(text: string, contentType: string): unknown {
  if (text === "") return null
  if (contentType.includes("application/x-www-form-urlencoded")) return formFields(new URLSearchParams(text))
  const value = parseJson(text)
  // A text that looks like a number stays text, unless its content type is JSON.
  const isJson = contentType.includes("json") || isJsonObject(value) || Array.isArray(value)
  return isJson && value !== undefined ? value : text
}

/** A form as an object. A repeated name keeps all its values, because the repetition may be the fault. */
function formFields(form: URLSearchParams): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name)
    fields[name] = values.length === 1 ? (values[0] ?? "") : values
  }
  return fields
}
