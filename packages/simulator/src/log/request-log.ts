import type { IncomingHttpHeaders } from "node:http"
import { isJsonObject, parseJson } from "../json.ts"

/** The most requests kept; older ones are forgotten first. */
export const LOGGED_REQUESTS = 5_000
/** The most characters kept of one body. */
export const LOGGED_BODY_CHARACTERS = 1024 * 1024
/** The most characters of bodies kept in all, so that a long bench does not fill memory; older requests are forgotten first. */
const LOGGED_CHARACTERS = 64 * 1024 * 1024

/** A request as it is kept: the body stays text until somebody asks, since most runs never do. */
interface KeptRequest {
  time: number
  method: string
  host: string
  proxied?: true
  path: string
  query: Record<string, string>
  headers: IncomingHttpHeaders
  text: string
  truncated: boolean
  status?: number
}

/** A request as `GET /_sim/log` tells it. */
export interface LoggedRequest {
  /** Epoch milliseconds of its arrival. */
  time: number
  method: string
  /** Whom it was for: a host's real name, or the simulator's own `127.0.0.1:PORT`. */
  host: string
  /** Only there when it came through the proxy. */
  proxied?: true
  path: string
  query: Record<string, string>
  headers: IncomingHttpHeaders
  /** A form as an object, JSON as its value, anything else as text, null when there was none. */
  body: unknown
  /** Only there when the body was too long to keep whole; what is kept is then text. */
  bodyTruncated?: true
  /** The status answered; missing while unanswered and when the connection was reset instead. */
  status?: number
}

/** What the server fills in while it works on a logged request. */
export interface LogEntry {
  body(text: string): void
  answered(status: number): void
}

/** The requests that came in, oldest first. */
export class RequestLog {
  #kept: KeptRequest[] = []
  #characters = 0

  /** Notes a request at its arrival, before its body is there. */
  add(request: Omit<KeptRequest, "text" | "truncated" | "status">): LogEntry {
    const kept: KeptRequest = { ...request, text: "", truncated: false }
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
    }
  }

  entries(): LoggedRequest[] {
    return this.#kept.map(told)
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

function told(kept: KeptRequest): LoggedRequest {
  const { text, truncated, status, ...rest } = kept
  return {
    ...rest,
    body: truncated ? text : parsedBody(text, rest.headers["content-type"] ?? ""),
    ...(truncated ? { bodyTruncated: true as const } : {}),
    ...(status === undefined ? {} : { status }),
  }
}

function parsedBody(text: string, contentType: string): unknown {
  if (text === "") return null
  if (contentType.includes("application/x-www-form-urlencoded")) return formFields(new URLSearchParams(text))
  const value = parseJson(text)
  // A text that happens to be a number is still text, unless it was declared as JSON.
  const isJson = contentType.includes("json") || isJsonObject(value) || Array.isArray(value)
  return isJson && value !== undefined ? value : text
}

/** A form as an object; a name sent more than once keeps all its values, as it may be the fault looked for. */
function formFields(form: URLSearchParams): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name)
    fields[name] = values.length === 1 ? (values[0] ?? "") : values
  }
  return fields
}
