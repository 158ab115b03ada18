const MAX_KEPT_BYTES = 256 * 1024
/**
 * A truncated body may end with a part of a token, which redaction does not recognise. No token is longer than this.
 */
const MAX_TOKEN_LENGTH = 8 * 1024

/** A body in the request log. */
export interface LoggedBody {
  /** The length in bytes. Undefined if it is unknown without reading the body. */
  readonly bytes?: number
  /** A JSON value, the fields of a form, a text, or a note such as `[binary]`. Undefined for an empty body. */
  readonly body?: unknown
  /** Set if only the beginning of the body is kept. */
  readonly truncated?: true
}

/** Describes the body of a request before it is sent. Does not read a body that can be read only once. */
export function sentBody(body: RequestInit["body"] | undefined, type: string | null): LoggedBody {
  if (body === undefined || body === null) return {}
  if (body instanceof URLSearchParams) return sentBody(body.toString(), "application/x-www-form-urlencoded")
  if (typeof body === "string")
    return parseBody(Buffer.from(body.slice(0, MAX_KEPT_BYTES)), Buffer.byteLength(body), type)
  if (body instanceof ArrayBuffer) return sentBody(new Uint8Array(body), type)
  if (ArrayBuffer.isView(body)) {
    return parseBody(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), body.byteLength, type)
  }
  if (body instanceof FormData) return { body: Object.fromEntries(body) }
  return body instanceof Blob ? { bytes: body.size, body: "[binary]" } : { body: "[stream]" }
}

/** Records the beginning of a body while the caller reads it. */
interface BodyRecorder {
  add(chunk: Uint8Array): void
  /** @param complete whether the body was read to its end */
  result(complete: boolean): LoggedBody
}

/** @param type the content type */
export function bodyRecorder(type: string | null): BodyRecorder {
  const start = Buffer.alloc(MAX_KEPT_BYTES)
  let bytes = 0
  return {
    add(chunk) {
      if (bytes < MAX_KEPT_BYTES) start.set(chunk.subarray(0, MAX_KEPT_BYTES - bytes), bytes)
      bytes += chunk.byteLength
    },
    result: (complete) => parseBody(start.subarray(0, bytes), bytes, type, complete),
  }
}

function parseBody(start: Uint8Array, bytes: number, type: string | null, complete = true): LoggedBody {
  if (bytes === 0) return { bytes }
  const truncated = bytes > MAX_KEPT_BYTES
  const text = decodeText(start.subarray(0, MAX_KEPT_BYTES))
  if (text === undefined) return { bytes, body: "[binary]" }
  const body = parseText(complete && !truncated ? text : withoutPartialToken(text), type)
  return { bytes, body, ...(truncated ? { truncated } : {}) }
}

/** Returns the text without a character that is truncated at its end, or undefined if the bytes are not text. */
function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true })
    return text.includes("\0") ? undefined : text
  } catch {
    return undefined
  }
}

function parseText(text: string, type: string | null): unknown {
  if (type?.includes("x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(text))
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? value : text
  } catch {
    return text
  }
}

function withoutPartialToken(text: string): string {
  let end = text.length
  while (end > text.length - MAX_TOKEN_LENGTH && /[\w.~+/=%-]/.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
