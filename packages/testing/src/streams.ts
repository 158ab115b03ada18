import type { Reply } from "./fake-platform.ts"
import { text } from "./replies.ts"

/** The last event of a chat stream. */
export const DONE = "data: [DONE]\n\n"

/** One event of a chat stream. */
export function chunk(delta: object, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }]
  return `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", choices })}\n\n`
}

/** An event stream as a response. */
export function events(...parts: string[]): Reply {
  return text(parts.join(""), 200, { "content-type": "text/event-stream" })
}

/** A body that arrives in these parts. */
export function bodyOf(...parts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part))
      controller.close()
    },
  })
}
