/** The most of a body that is kept, bytes. */
const MOST_KEPT = 256 * 1024
/** Longer than a token; where a body ended early, half of one may stand, and that is not recognised. */
const LONGEST_TOKEN = 8 * 1024

/** A body as it is logged. */
export interface LoggedBody {
  /** Its length; absent when that is not known without reading it. */
  readonly bytes?: number
  /** A JSON value, a form's fields, a text, or a note on what it was; absent when there was none. */
  readonly body?: unknown
  /** Only the beginning is kept. */
  readonly truncated?: true
}

/** What is known of a body that is about to be sent. Nothing is read that can be read only once. */
export function sentBody(body: RequestInit["body"] | undefined, type: string | null): LoggedBody {
  if (body === undefined || body === null) return {}
  if (body instanceof URLSearchParams) return sentBody(body.toString(), "application/x-www-form-urlencoded")
  if (typeof body === "string") return understood(Buffer.from(body.slice(0, MOST_KEPT)), Buffer.byteLength(body), type)
  if (body instanceof ArrayBuffer) return sentBody(new Uint8Array(body), type)
  if (ArrayBuffer.isView(body)) {
    return understood(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), body.byteLength, type)
  }
  if (body instanceof FormData) return { body: Object.fromEntries(body) }
  return body instanceof Blob ? { bytes: body.size, body: "[binary]" } : { body: "[stream]" }
}

/** Keeps the beginning of a body while it passes. */
interface BodyKeeper {
  keep(part: Uint8Array): void
  /** @param whole whether all of the body has passed */
  kept(whole: boolean): LoggedBody
}

/** @param type the content type */
export function bodyKeeper(type: string | null): BodyKeeper {
  const start = Buffer.alloc(MOST_KEPT)
  let bytes = 0
  return {
    keep(part) {
      if (bytes < MOST_KEPT) start.set(part.subarray(0, MOST_KEPT - bytes), bytes)
      bytes += part.byteLength
    },
    kept: (whole) => understood(start.subarray(0, bytes), bytes, type, whole),
  }
}

function understood(start: Uint8Array, bytes: number, type: string | null, whole = true): LoggedBody {
  if (bytes === 0) return { bytes }
  const truncated = bytes > MOST_KEPT
  const text = asText(start.subarray(0, MOST_KEPT))
  if (text === undefined) return { bytes, body: "[binary]" }
  const body = structured(whole && !truncated ? text : withoutHalfToken(text), type)
  return { bytes, body, ...(truncated ? { truncated } : {}) }
}

/** The text, without the letter that was cut at its end; undefined when it is none. */
function asText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true })
    return text.includes("\0") ? undefined : text
  } catch {
    return undefined
  }
}

function structured(text: string, type: string | null): unknown {
  if (type?.includes("x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(text))
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? value : text
  } catch {
    return text
  }
}

function withoutHalfToken(text: string): string {
  let end = text.length
  while (end > text.length - LONGEST_TOKEN && /[\w.~+/=%-]/.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
