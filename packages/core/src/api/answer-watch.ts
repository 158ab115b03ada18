import type { BodyWatch } from "../log/tapped-response.ts"

/** As much of a part as a search that begins in it may need of the part before. */
const OVERLAP = 64

/** Inside a text of the model these would be escaped (`\"content\":`), so that they are the API's own fields. */
const CONTENT = /"(?:content|reasoning_content|reasoning|refusal|transcript|data)"\s*:\s*"[^"]/
const TOOL_CALL = /"tool_calls"\s*:\s*\[\s*\{|"function_call"\s*:\s*\{/
const FINISH_REASON = /finish_reason"\s*:\s*"\w/
const FINISH_REASONS = /finish_reason"\s*:\s*"(?<reason>\w+)"/g

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
  return {
    part(bytes) {
      // One character a byte: what is looked for is ASCII.
      const text = overlap + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")
      content ||= CONTENT.test(text)
      // Each search by a pattern is spared where a cheaper one finds nothing: streams are long.
      toolCall ||= text.includes("_call") && TOOL_CALL.test(text)
      if (FINISH_REASON.test(text)) reason = [...text.matchAll(FINISH_REASONS)].at(-1)?.groups?.["reason"] ?? reason
      overlap = text.slice(-OVERLAP)
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
