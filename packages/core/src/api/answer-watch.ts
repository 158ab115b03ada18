import type { BodyWatch } from "../log/observe-response.ts"

/** What is looked for is not longer, bytes. */
const OVERLAP = 64

/** Inside a text of the model these would be escaped (`\"content\":`), so that they are the API's own fields. */
const CONTENT = /"(?:content|reasoning_content|reasoning|refusal|transcript|data)"\s*:\s*"[^"]/
const TOOL_CALL = /"tool_calls"\s*:\s*\[\s*\{|"function_call"\s*:\s*\{/
const FINISH_REASON = /"finish_reason"\s*:\s*"(?<reason>\w+)"/g
/** Without one of these in its bytes a part has neither a tool call nor an end: nearly all of a long stream need not be decoded. */
const SIGNS = ["_call", 'finish_reason":"', 'finish_reason": "']

/**
 * Watches how a chat answer ends. An answer is usable when a host can finish its turn with it: it has a tool call, or an end that
 * hosts know. OpenCode 1.18 sends the next request at once after a `finish_reason` that is missing, unknown or promises tool calls
 * that are not there.
 * @param ended told once, before the reader learns of the end; not told of an answer that was cancelled or broken off before it was
 *   usable
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
      // One character a byte: what is looked for is ASCII.
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
