import type { ServerResponse } from "node:http"

/** The API whose error format is used. */
export type ErrorFormat = "openai" | "anthropic"

/** Thrown for a request that the gateway itself refuses. `message` says why, and contains nothing of the request. */
export class Refusal extends Error {
  override readonly name = "Refusal"
  readonly status: number
  /** Stable, in snake_case. */
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Sends an error in the client's own format. */
export function sendRefusal(response: ServerResponse, format: ErrorFormat, { status, code, message }: Refusal): void {
  const document =
    format === "anthropic"
      ? anthropicError(status, message)
      : { error: { message, type: "invalid_request_error", param: null, code } }
  sendJson(response, status, document)
}

/** Sends a JSON document as the whole answer. */
export function sendJson(
  response: ServerResponse,
  status: number,
  document: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(JSON.stringify(document))
  response.writeHead(status, { ...headers, "content-type": "application/json", "content-length": body.byteLength })
  response.end(body)
}

/** Anthropic's error types by status, from its API reference. */
const ANTHROPIC_TYPES: ReadonlyMap<number, string> = new Map([
  [400, "invalid_request_error"],
  [401, "authentication_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
  [504, "timeout_error"],
  [529, "overloaded_error"],
])

/** Returns an error in Anthropic's format. */
export function anthropicError(status: number, message: string): object {
  const type = ANTHROPIC_TYPES.get(status) ?? (status < 500 ? "invalid_request_error" : "api_error")
  return { type: "error", error: { type, message } }
}
