import { parseJsonObject } from "./json-object.ts"

/** A response that was read and parsed as far as possible. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The body if it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined
  /** True if the body is a web page, for example of a gateway, a firewall or a captive portal. */
  readonly html: boolean
  /** True if the page comes from Alibaba's web firewall. */
  readonly firewall: boolean
  /** The first 256 KiB of the body, as received. May contain secrets: never show it. */
  readonly text: string
}

const MAX_BODY_BYTES = 256 * 1024

/**
 * Reads a small response: a token response or an error, not a stream of a model. Reads about 256 KiB and cancels the
 * rest.
 * @throws the error of the body stream, for example a reset or an abort
 */
export async function readAnswer(response: Response): Promise<Answer> {
  const text = await boundedText(response)
  const start = text.slice(0, 4096)
  const json = parseJsonObject(text)
  const html = json === undefined && (/^\s*<(!doctype|html|head|body|meta)/i.test(start) || isHtml(response.headers))
  return {
    status: response.status,
    headers: response.headers,
    json,
    html,
    firewall: html && /aliyun_waf|_waf_|<!doctypehtml>/i.test(start),
    text,
  }
}

/** Returns true if the content type is that of a web page. */
export function isHtml(headers: Headers): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(headers.get("content-type") ?? "")
}

/** Returns true if the content type is JSON's. */
export function isJson(headers: Headers): boolean {
  return /^\s*application\/json/i.test(headers.get("content-type") ?? "")
}

/** Returns a short description of a response for an error message, for example `HTTP 502 with a web page`. */
export function describeAnswer(answer: Answer): string {
  if (answer.firewall) return `HTTP ${answer.status} with a web firewall's page`
  if (answer.html) return `HTTP ${answer.status} with a web page`
  if (answer.json !== undefined) return `HTTP ${answer.status}`
  return answer.text.trim() === "" ? `HTTP ${answer.status} without content` : `HTTP ${answer.status} without JSON`
}

async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return ""
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let text = ""
  let size = 0
  while (size < MAX_BODY_BYTES) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    text += decoder.decode(value, { stream: true })
  }
  // Not awaited: the cancellation of a body that was teed settles only when both branches are cancelled.
  reader.cancel().catch(() => {})
  return text
}
