import type { Platform } from "../platform.ts"
import { rememberSecrets } from "./exchange-secrets.ts"
import { bodyRecorder, type LoggedBody, sentBody } from "./logged-body.ts"
import { type BodyEnd, observeResponse } from "./observe-response.ts"
import type { SecretMemory } from "./secret-memory.ts"

/** A request or a response, redacted. */
interface LoggedMessage extends LoggedBody {
  readonly headers: unknown
}

/** One request and its response, redacted. */
export interface RequestLogEntry {
  /** When the request was sent, ISO 8601. */
  readonly startedAt: string
  /** The time until the response's headers, ms. Undefined without a response. */
  readonly headersMs?: number
  /** The time until the response's body ended or the request failed, ms. */
  readonly totalMs: number
  readonly method: string
  readonly url: string
  readonly request: LoggedMessage
  /** Undefined without a response. */
  readonly response?: LoggedMessage & { readonly status: number; readonly ended: BodyEnd }
  /** The error of the request or of the response's body. */
  readonly error?: unknown
}

/** Receives the entries of a request log. Its errors are ignored. */
export type RequestLogSink = (entry: RequestLogEntry) => void | Promise<void>

/**
 * Returns a fetch that passes each request to `sink` when the response's body has ended (completely, cancelled or
 * failed). A response whose body is never read to its end is not logged. The caller receives an equal Response that
 * streams as before. Keeps 256 KiB of each body. Errors of the log do not affect the request.
 * @param memory remembers the secrets of each exchange, so that they are hidden wherever they occur later
 */
export function loggedFetch(
  fetch: Platform["fetch"],
  sink: RequestLogSink,
  clock: Pick<Platform, "now">,
  memory: SecretMemory,
): Platform["fetch"] {
  return async (url, init) => {
    const exchange = ignoringErrors(() => beginExchange(url, init, sink, clock, memory))
    try {
      const response = await fetch(url, init)
      return ignoringErrors(() => exchange?.answered(response)) ?? response
    } catch (error) {
      ignoringErrors(() => exchange?.failed(error))
      throw error
    }
  }
}

interface Exchange {
  failed(error: unknown): void
  answered(response: Response): Response
}

function beginExchange(
  url: string,
  init: RequestInit,
  sink: RequestLogSink,
  clock: Pick<Platform, "now">,
  memory: SecretMemory,
): Exchange {
  const startedAt = clock.now()
  const sent = new Headers(init.headers)
  const requestBody = sentBody(init.body, sent.get("content-type"))
  rememberSecrets(memory, sent, requestBody.body)
  const writeEntry = (error: unknown, outcome: Pick<RequestLogEntry, "headersMs" | "response">) => {
    const entry: RequestLogEntry = {
      startedAt: new Date(startedAt).toISOString(),
      totalMs: clock.now() - startedAt,
      method: (init.method ?? "GET").toUpperCase(),
      url: String(memory.redact(url)),
      request: redacted(memory, sent, requestBody),
      ...outcome,
      ...(error === undefined ? {} : { error: memory.redact(error) }),
    }
    sink(entry)?.catch(() => {})
  }
  return {
    failed: (error) => writeEntry(error ?? "unknown error", {}),
    answered(response) {
      const { headers, status } = response
      const headersMs = clock.now() - startedAt
      const recorder = bodyRecorder(headers.get("content-type"))
      const ended = (how: BodyEnd, error: unknown) => {
        const body = recorder.result(how === "complete")
        rememberSecrets(memory, headers, body.body)
        // An aborted fetch makes its body fail.
        const end = how === "failed" && init.signal?.aborted ? "cancelled" : how
        writeEntry(error, { headersMs, response: { status, ended: end, ...redacted(memory, headers, body) } })
      }
      return observeResponse(response, {
        part: (bytes) => ignoringErrors(() => recorder.add(bytes)),
        end: (how, error) => ignoringErrors(() => ended(how, error)),
      })
    },
  }
}

function redacted(memory: SecretMemory, headers: Headers, body: LoggedBody): LoggedMessage {
  return { headers: memory.redact(headers), ...body, body: memory.redact(body.body) }
}

function ignoringErrors<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}
