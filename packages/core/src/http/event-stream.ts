/** The end of an event: a blank line, with any of the three line ends (HTML Living Standard §9.2.6). */
export const EVENT_END = /\r\n\r\n|\n\n|\r\r|\n\r\n|\r\n\n/

/**
 * Reads the events of a stream (`text/event-stream`) as their texts, without the blank lines between them. A last event
 * that no blank line ends is read too.
 * @param maxCharacters the maximum length of the whole stream
 * @throws RangeError when the stream is longer, and the error of the body
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, maxCharacters: number): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let pending = ""
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      const part = done ? decoder.decode() : decoder.decode(value, { stream: true })
      length += part.length
      if (length > maxCharacters) throw new RangeError("The event stream is too long.")
      const events = (pending + part).split(EVENT_END)
      pending = events.pop() ?? ""
      for (const event of events) if (event.trim() !== "") yield event
      if (done) break
    }
    if (pending.trim() !== "") yield pending
  } finally {
    // Also reached when the reader of the events stops early.
    reader.cancel().catch(() => {})
  }
}

/** Returns the data of an event, its lines joined. */
export function eventData(event: string): string {
  return event
    .split(/\r\n|\r|\n/)
    .flatMap((line) => (line.startsWith("data:") ? [line.slice("data:".length).replace(/^ /, "")] : []))
    .join("\n")
}
