import type { BodyWatch } from "../log/observe-response.ts"

/** Maximum length of the searched patterns, bytes. */
const OVERLAP = 64

/** These match only fields of the API. In the model's text, the quotation marks are escaped (`\"content\":`). */
const CONTENT = /"(?:content|reasoning_content|reasoning|refusal|transcript|data)"\s*:\s*"[^"]/
const TOOL_CALL = /"tool_calls"\s*:\s*\[\s*\{|"function_call"\s*:\s*\{/
const FINISH_REASON = /"finish_reason"\s*:\s*"(?<reason>\w+)"/g
/** A part without any of these has neither a tool call nor a finish reason, so most of a long stream is not decoded. */
const SIGNS = ["_call", 'finish_reason":"', 'finish_reason": "']

/**
 * Watches how a streamed chat response ends. It is usable when it has a tool call or a finish reason that hosts know.
 * After a `finish_reason` that is missing or unknown, or that announces tool calls which are missing, OpenCode 1.18
 * immediately sends the next request.
 * @param ended called once, before the reader sees the end; not called if the response was cancelled or interrupted
 *   before it was usable
 */
export function watchAnswer(ended: (usable: boolean) => void): BodyWatch {
  let overlap = ""
  let content = false
  let toolCall = false
  let reason: string | undefined
  const search = (text: string) => {
    content ||= CONTENT.test(text)
    toolCall ||= TOOL_CALL.test(text)
    for (const { groups } of text.matchAll(FINISH_REASON)) reason = groups?.["reason"]
  }
  return {
    part(bytes) {
      const part = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      // One character per byte is enough, because the patterns are ASCII.
      const seam = overlap + part.toString("latin1", 0, OVERLAP)
      if (!content || SIGNS.some((sign) => seam.includes(sign))) search(seam)
      if (!content || SIGNS.some((sign) => part.includes(sign))) search(part.toString("latin1"))
      overlap = (overlap + part.toString("latin1", Math.max(0, part.length - OVERLAP))).slice(-OVERLAP)
    },
    end(how) {
      const usable = isUsable(reason, content, toolCall)
      if (usable || how === "complete") ended(usable)
    },
  }
}

function isUsable(reason: string | undefined, content: boolean, toolCall: boolean): boolean {
  switch (reason) {
    case undefined:
      return false
    case "stop":
      return content || toolCall
    case "length":
    case "content_filter":
      return true
    default:
      return toolCall
  }
}
