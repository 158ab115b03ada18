import { chunk, DONE } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import { watchAnswer } from "./answer-watch.ts"

const TEXT = chunk({ role: "assistant", content: "hello" })
const ROLE = chunk({ role: "assistant", content: "" })
const REASONING = chunk({ content: null, reasoning_content: "hm" })
const CALL = chunk({ tool_calls: [{ index: 0, id: "call_1", function: { name: "read", arguments: "{}" } }] })
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n'

/** Returns what is reported of a response that arrives in parts of `size` bytes. */
function reports(answer: string, size = answer.length, how: "complete" | "cancelled" | "failed" = "complete") {
  const results: boolean[] = []
  const watch = watchAnswer((usable) => results.push(usable))
  const bytes = new TextEncoder().encode(answer)
  for (let at = 0; at < bytes.length; at += size) watch.part(bytes.subarray(at, at + size))
  watch.end(how)
  return results
}

describe.each([1, 7, 64, 10_000])("a response in parts of %i bytes", (size) => {
  it.each([
    ["text and a finish reason", TEXT + chunk({}, "stop") + USAGE + DONE],
    ["text and a finish reason, without [DONE]", TEXT + chunk({}, "stop")],
    ["text and its finish reason in one event", chunk({ content: "hello" }, "stop")],
    ["fields with spaces", 'data: {"choices": [{"delta": {"content": "hi"}, "finish_reason": "stop"}]}\n\n'],
    ["only reasoning", REASONING + chunk({}, "stop") + DONE],
    ["text that was cut at the maximum length", TEXT + chunk({}, "length") + DONE],
    ["no text before the maximum length", ROLE + chunk({}, "length") + DONE],
    ["the finish reason of a content filter", ROLE + chunk({}, "content_filter") + DONE],
    ["a tool call", CALL + chunk({}, "tool_calls") + USAGE + DONE],
    ["a tool call with the finish reason of text", CALL + chunk({}, "stop") + DONE],
    ["a tool call with an unknown finish reason", CALL + chunk({}, "eos") + DONE],
    ["a deprecated function call", chunk({ function_call: { name: "read" } }) + chunk({}, "function_call") + DONE],
    [
      "a finish reason that is empty until the last event",
      `${chunk({ content: "hi" }, "")}${chunk({}, "stop")}${DONE}`,
    ],
  ])("is usable: %s", (_, answer) => {
    expect(reports(answer, size)).toEqual([true])
  })

  it.each([
    ["an empty body", ""],
    ["a comment", ": keep-alive\n\n"],
    ["only [DONE]", DONE],
    ["only usage", USAGE + DONE],
    ["only a finish reason", ROLE + chunk({}, "stop") + DONE],
    ["text without a finish reason", TEXT + DONE],
    ["text that breaks off", `${TEXT}data: {"choices":[{"del`],
    ["an unknown finish reason", TEXT + chunk({}, "eos") + DONE],
    ["an empty finish reason", TEXT + chunk({}, "") + DONE],
    [
      "a finish reason in another field",
      'data: {"choices":[{"delta":{"content":"hi"},"native_finish_reason":"stop"}]}\n\n',
    ],
    ["a finish reason for tool calls that are missing", TEXT + chunk({ tool_calls: [] }, "tool_calls") + DONE],
    ["a tool call without a finish reason", CALL + DONE],
    [
      "a finish reason in the text of the model",
      chunk({ content: '"finish_reason":"stop"' }) + chunk({ content: '{"tool_calls":[{' }) + DONE,
    ],
    ["a body that is not a stream", "service busy"],
  ])("is not usable: %s", (_, answer) => {
    expect(reports(answer, size)).toEqual([false])
  })
})

describe.each(["cancelled", "failed"] as const)("a response that ended as %s", (how) => {
  it("is not reported if it was not usable yet", () => {
    expect(reports(TEXT, 10, how)).toEqual([])
  })

  it("is reported as usable if its finish reason had arrived", () => {
    expect(reports(TEXT + chunk({}, "stop"), 10, how)).toEqual([true])
  })
})

it("keeps no bytes of a part that the reader overwrites", () => {
  const results: boolean[] = []
  const watch = watchAnswer((usable) => results.push(usable))
  const part = new TextEncoder().encode(chunk({ content: "x".repeat(1_000) }))
  for (let count = 0; count < 1_000; count++) {
    watch.part(part)
    // The reader may use the buffer again.
    part.fill(120)
  }
  watch.part(new TextEncoder().encode(chunk({}, "stop")))
  watch.end("complete")
  expect(results).toEqual([true])
})
