import { describe, expect, it } from "vitest"
import { formatRequestRecord } from "./request-record.ts"
import { UsageWatch } from "./usage.ts"

function usageOf(text: string, size = text.length) {
  const watch = new UsageWatch()
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) watch.add(bytes.subarray(at, at + size))
  return watch.result()
}

const LONG = `data: {"delta":"${"x".repeat(1_000)}"}\n\n`.repeat(40)

describe.each([1, 100, 1_000_000])("UsageWatch with parts of %i bytes", (size) => {
  it.each([
    ["a chat", `${LONG}data: {"usage":{"prompt_tokens":12,"completion_tokens":34}}\n\ndata: [DONE]\n\n`],
    [
      "a message",
      `event: message_start\ndata: {"usage":{"input_tokens": 12,"output_tokens":0}}\n\n${LONG}data: {"usage":{"output_tokens": 34}}\n\n`,
    ],
    ["a response", `${LONG}data: {"response":{"usage":{"input_tokens":12,"output_tokens":34}}}\n\n`],
  ])("finds the usage of %s", (_, text) => {
    expect(usageOf(text, size)).toEqual({ input: 12, output: 34 })
  })

  it("ignores numbers in the text of the model", () => {
    expect(usageOf(JSON.stringify({ text: '{"input_tokens":5,"output_tokens":6}' }), size)).toEqual({
      input: undefined,
      output: undefined,
    })
  })
})

describe("formatRequestRecord", () => {
  const record = { at: 0, method: "POST", path: "/v1/messages", model: "qwen3.7-plus", status: 200, ms: 12.4 }

  it("writes the known facts", () => {
    expect(formatRequestRecord({ ...record, usage: { input: 12, output: undefined } })).toBe(
      "1970-01-01T00:00:00.000Z POST /v1/messages qwen3.7-plus 200 12ms in=12 out=?",
    )
  })

  it("names a client that left and an unknown path", () => {
    const line = formatRequestRecord({
      ...record,
      path: undefined,
      model: undefined,
      status: undefined,
      usage: undefined,
    })
    expect(line).toBe("1970-01-01T00:00:00.000Z POST (unknown path) - left 12ms")
  })

  it.each(["a\nb", "\u001b[31mred", `sk-${"a".repeat(60)}`])(
    "removes control codes and secrets from the model %j",
    (model) => {
      const line = formatRequestRecord({ ...record, model, usage: undefined })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
      expect(line).not.toMatch(/[\u0000-\u001f]|a{30}/)
      expect(line.split(" ")).toHaveLength(6)
    },
  )
})
