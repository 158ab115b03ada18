import * as fc from "fast-check"
import { always } from "qwen-auth-testing/properties"
import { bodyOf } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import { eventData, readEvents } from "./event-stream.ts"

const LIMIT = 1_000_000

async function eventsIn(body: ReadableStream<Uint8Array>, limit = LIMIT): Promise<string[]> {
  const events: string[] = []
  for await (const event of readEvents(body, limit)) events.push(event)
  return events
}

describe("an event stream", () => {
  it.each([
    ["line feeds", "\n"],
    ["carriage returns and line feeds", "\r\n"],
    ["carriage returns", "\r"],
  ])("is read with %s", async (_, end) => {
    const text = ["event: error", "data: one", "", "", "data: two", "data: three", "", "data: four"].join(end)
    const events = await eventsIn(bodyOf(text))
    expect(events.map(eventData)).toEqual(["one", "two\nthree", "four"])
    expect(events[0]).toContain("event: error")
  })

  it("has the same events wherever the network splits it, also within a character", async () => {
    const bytes = new TextEncoder().encode("data: 通义千问\r\n\r\n: comment\r\n\r\ndata: 🤖\n\ndata: [DONE]\n\n")
    for (let cut = 0; cut <= bytes.length; cut++) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const part of [bytes.slice(0, cut), bytes.slice(cut)]) if (part.length > 0) controller.enqueue(part)
          controller.close()
        },
      })
      const data = (await eventsIn(body)).map(eventData).filter((text) => text !== "")
      expect(data).toEqual(["通义千问", "🤖", "[DONE]"])
    }
  })

  it("is cancelled when its reader stops, and not read further", async () => {
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
      cancel() {
        cancelled = true
      },
    })
    for await (const event of readEvents(body, LIMIT)) {
      expect(eventData(event)).toBe("1")
      break
    }
    expect(cancelled).toBe(true)
  })

  it("is an error if it exceeds the limit", async () => {
    await expect(eventsIn(bodyOf("data: 1\n\n", "data: 2\n\n"), 10)).rejects.toThrow(RangeError)
  })

  it("fails with the error of its body", async () => {
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("reset")) })
    await expect(eventsIn(body)).rejects.toThrow("reset")
  })
})

it("the data of an event is the text of its data lines", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "data", ":", " ", "{", "é", "\u2028", "\u0085") })
  always(
    fc.property(fc.array(line, { minLength: 1 }), (lines) => {
      const event = ["id: 1", ...lines.map((text) => `data: ${text}`), ": comment"].join("\n")
      expect(eventData(event)).toBe(lines.join("\n"))
    }),
    200,
  )
})
