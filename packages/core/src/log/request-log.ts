import type { Platform } from "../platform.ts"
import { rememberSecrets } from "./exchange-secrets.ts"
import { bodyKeeper, type LoggedBody, sentBody } from "./logged-body.ts"
import { type BodyEnd, observeResponse } from "./observe-response.ts"
import { type SecretMemory, secretMemory } from "./secret-memory.ts"

/** One side of an exchange, redacted. */
interface LoggedMessage extends LoggedBody {
  readonly headers: unknown
}

/** One request and its answer, redacted. */
export interface RequestLogEntry {
  /** ISO 8601. */
  readonly startedAt: string
  /** Until the answer's headers were there, ms; absent without an answer. */
  readonly headersMs?: number
  /** Until the answer's body had ended, or the request had failed, ms. */
  readonly totalMs: number
  readonly method: string
  readonly url: string
  readonly request: LoggedMessage
  /** Absent without an answer. */
  readonly response?: LoggedMessage & { readonly status: number; readonly ended: BodyEnd }
  /** What the request failed with, or the answer's body. */
  readonly error?: unknown
}

/** Takes one entry. What it throws is ignored. */
export type RequestLogSink = (entry: RequestLogEntry) => void | Promise<void>

/**
 * A fetch that gives each request to `sink` when its answer's body has ended: completely, cancelled or failed. An answer whose body
 * nobody reads to its end is not logged. The caller gets an equal Response that streams as before. Of each body 256 KiB are kept.
 * No trouble of the log disturbs a request.
 * @param memory learns the secrets of each exchange, so that they are hidden wherever they occur again
 */
export function loggedFetch(
  fetch: Platform["fetch"],
  sink: RequestLogSink,
  clock: Pick<Platform, "now">,
  memory: SecretMemory = secretMemory(),
): Platform["fetch"] {
  return async (url, init) => {
    const exchange = ignoringErrors(() => begin(url, init, sink, clock, memory))
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

function begin(
  url: string,
  init: RequestInit,
  sink: RequestLogSink,
  clock: Pick<Platform, "now">,
  memory: SecretMemory,
): Exchange {
  const startedAt = clock.now()
  const sent = new Headers(init.headers)
  const asked = sentBody(init.body, sent.get("content-type"))
  rememberSecrets(memory, sent, asked.body)
  const give = (error: unknown, answer: Pick<RequestLogEntry, "headersMs" | "response">) => {
    const entry: RequestLogEntry = {
      startedAt: new Date(startedAt).toISOString(),
      totalMs: clock.now() - startedAt,
      method: (init.method ?? "GET").toUpperCase(),
      url: String(memory.redact(url)),
      request: redacted(memory, sent, asked),
      ...answer,
      ...(error === undefined ? {} : { error: memory.redact(error) }),
    }
    sink(entry)?.catch(() => {})
  }
  return {
    failed: (error) => give(error ?? "unknown error", {}),
    answered(response) {
      const { headers, status } = response
      const headersMs = clock.now() - startedAt
      const keeper = bodyKeeper(headers.get("content-type"))
      const ended = (how: BodyEnd, error: unknown) => {
        const body = keeper.kept(how === "complete")
        rememberSecrets(memory, headers, body.body)
        // Fetch fails the body of a request that its caller aborts.
        const end = how === "failed" && init.signal?.aborted ? "cancelled" : how
        give(error, { headersMs, response: { status, ended: end, ...redacted(memory, headers, body) } })
      }
      return observeResponse(response, {
        part: (bytes) => ignoringErrors(() => keeper.keep(bytes)),
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
