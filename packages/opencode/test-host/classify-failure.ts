import * as v from "valibot"
import { parseJson } from "./parse-json.ts"

/** The kinds of errors of section 8. */
export type FailureType =
  | "overflow"
  | "request"
  | "policy"
  | "quota"
  | "auth"
  | "rate-limit"
  | "internal"
  | "transport"
  | "broken-off"
  | "interrupted"
  | "unknown"

/** A request that failed. */
export interface Failure {
  readonly type: FailureType
  /** What the person reads. */
  readonly message: string
  readonly status?: number
  /** Whether another attempt may help. */
  readonly retryable: boolean
  /** The least wait that the response asks for, ms. */
  readonly retryAfterMs?: number
}

const RETRIED: readonly FailureType[] = ["rate-limit", "internal", "unknown", "transport", "broken-off"]

const OVERFLOW = [
  "prompt is too long",
  "too many tokens",
  "token limit exceeded",
  "exceeds the limit of 9",
  "context length exceeded",
]

/** The longest `retry-after` that is followed, ms. */
const LONGEST_WAIT_MS = 900_000

/** A failure without a response. */
export function failureWithoutResponse(type: FailureType, message: string): Failure {
  return { type, message, retryable: RETRIED.includes(type) }
}

/**
 * Classifies a response with a status of 400 and above, by its status and its whole body.
 * @param now epoch ms, for a `retry-after` that is a date
 */
export function classifyFailure(status: number, headers: Headers, body: string, now: number): Failure {
  const { message = `Provider request failed with HTTP ${status}`, code } = errorFields(parseJson(body))
  const type = failureType(status, body.toLowerCase(), code)
  const shouldRetry = headers.get("x-should-retry")
  const retryAfterMs = retryAfter(headers, now)
  return {
    type,
    message,
    status,
    retryable: shouldRetry === "true" || (shouldRetry !== "false" && RETRIED.includes(type)),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

function failureType(status: number, text: string, code: string): FailureType {
  const has = (...parts: readonly string[]) => parts.some((part) => text.includes(part))
  if (status >= 400 && status < 500 && has(...OVERFLOW)) return "overflow"
  if (status === 413 || has("request too large")) return "request"
  if (has("content policy", "safety")) return "policy"
  if (code === "insufficient_quota" || (status === 429 && has("quota exceeded"))) return "quota"
  if (status === 401 || status === 403) return "auth"
  if (has("rate limit", "too many requests")) return "rate-limit"
  if (code.includes("unavailable") || code.includes("exhausted")) return "internal"
  if (status === 429) return "rate-limit"
  if (status === 408 || status === 409 || status >= 500) return "internal"
  if (status === 400 || status === 404 || status === 422) return "request"
  return "unknown"
}

const Text = v.optional(v.nullable(v.string()))
const Fields = v.object({ message: Text, code: Text })
const ErrorDocument = v.object({ error: Fields })

/** Reads the fields of `error`, or of the document itself. A message may be beside an `error` without one. */
function errorFields(document: unknown): { readonly message: string | undefined; readonly code: string } {
  const inError = v.safeParse(ErrorDocument, document)
  const plain = v.safeParse(Fields, document)
  const error = inError.success ? inError.output.error : undefined
  const outer = plain.success ? plain.output : undefined
  return { message: error?.message ?? outer?.message ?? undefined, code: ((error ?? outer)?.code ?? "").toLowerCase() }
}

function retryAfter(headers: Headers, now: number): number | undefined {
  const ms = Number.parseFloat(headers.get("retry-after-ms") ?? "")
  if (Number.isFinite(ms)) return Math.min(ms, LONGEST_WAIT_MS)
  const text = headers.get("retry-after")
  if (text === null) return undefined
  const seconds = Number(text)
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT_MS) : undefined
}
