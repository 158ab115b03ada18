import type { IncomingMessage } from "node:http"
import { Refusal } from "./refusal.ts"

/** A request body: a JSON object, and the text that it was. */
export interface JsonBody {
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

/** Deeper than any schema of a tool. Node needs seconds for millions of brackets. */
const MAX_DEPTH = 256

/**
 * Reads a request body, which must be a JSON object in UTF-8.
 * @param maxBytes the largest size; a larger one is refused as soon as it is known
 * @throws Refusal 413 `request_too_large`, 400 `invalid_json`; the error of the connection when the client is gone
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<JsonBody> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const bytes = await readBytes(request, maxBytes)
  const text = decoded(bytes)
  if (isDeeperThan(bytes, MAX_DEPTH)) throw invalid("is nested too deeply")
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid("is not valid JSON")
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw invalid("is not a JSON object")
  return { text, json: { ...json } }
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    request.on("data", (part: Buffer) => {
      size += part.byteLength
      if (size > maxBytes) {
        request.removeAllListeners("data")
        reject(tooLarge(maxBytes))
      } else {
        parts.push(part)
      }
    })
    request.once("end", () => resolve(Buffer.concat(parts)))
    request.once("error", reject)
    request.once("close", () => reject(new Error("The client closed the connection.")))
  })
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    throw invalid("is not valid UTF-8")
  }
}

const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}')

/** Returns true if the brackets of a JSON text are nested deeper than `limit`. */
function isDeeperThan(bytes: Uint8Array, limit: number): boolean {
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1
      if (depth > limit) return true
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth -= 1
  }
  return false
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}

function tooLarge(maxBytes: number): Refusal {
  const size = maxBytes >= 1024 * 1024 ? `${Math.floor(maxBytes / 1024 / 1024)} MiB` : `${maxBytes} bytes`
  return new Refusal(413, "request_too_large", `The request is larger than ${size}.`)
}

function invalid(what: string): Refusal {
  return new Refusal(400, "invalid_json", `The request body ${what}.`)
}
