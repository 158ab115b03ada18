import { parseJsonObject } from "./json-object.ts"

/** What came back, as far as it could be understood. The body is gone from the Response after reading. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The body when it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined
  /** The body is a web page: a gateway's, a firewall's, a captive portal's. */
  readonly html: boolean
  /** The page is Alibaba's web firewall. */
  readonly firewall: boolean
  /** The beginning of the body, as received. May hold secrets: never show it. */
  readonly text: string
}

const LONGEST_BODY = 256 * 1024

/**
 * Reads a small answer: token responses and errors, never a model's stream. At most 256 KiB are read, the rest is dropped.
 * @throws what the body stream throws (reset, abort)
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

/** True when the headers announce a web page. */
export function isHtml(headers: Headers): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(headers.get("content-type") ?? "")
}

/** What an answer was, in a few words for an error message: `HTTP 502 with a web page`. */
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
  while (size < LONGEST_BODY) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    text += decoder.decode(value, { stream: true })
  }
  // A body with a second reader ends only when that one ends too.
  reader.cancel().catch(() => {})
  return text
}
