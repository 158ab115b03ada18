import { chunk, DONE } from "qwen-auth-testing/streams"
import { describe, expect, it } from "vitest"
import { watchAnswer } from "./answer-watch.ts"

const TEXT = chunk({ role: "assistant", content: "hello" })
const ROLE = chunk({ role: "assistant", content: "" })
const THOUGHT = chunk({ content: null, reasoning_content: "hm" })
const CALL = chunk({ tool_calls: [{ index: 0, id: "call_1", function: { name: "read", arguments: "{}" } }] })
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n'

/** What is told of an answer that comes in parts of so many bytes. */
function watched(answer: string, size = answer.length, how: "complete" | "cancelled" | "failed" = "complete") {
  const told: boolean[] = []
  const watch = watchAnswer((usable) => told.push(usable))
  const bytes = new TextEncoder().encode(answer)
  for (let at = 0; at < bytes.length; at += size) watch.part(bytes.subarray(at, at + size))
  watch.end(how)
  return told
}

describe.each([1, 7, 64, 10_000])("an answer in parts of %i bytes", (size) => {
  it.each([
    ["a text and its end", TEXT + chunk({}, "stop") + USAGE + DONE],
    ["a text and its end, without a last word", TEXT + chunk({}, "stop")],
    ["a text whose end comes with it", chunk({ content: "hello" }, "stop")],
    ["fields with spaces", 'data: {"choices": [{"delta": {"content": "hi"}, "finish_reason": "stop"}]}\n\n'],
    ["thoughts alone", THOUGHT + chunk({}, "stop") + DONE],
    ["a text that was cut at its greatest length", TEXT + chunk({}, "length") + DONE],
    ["nothing but the end at the greatest length", ROLE + chunk({}, "length") + DONE],
    ["a content filter's end", ROLE + chunk({}, "content_filter") + DONE],
    ["a tool call", CALL + chunk({}, "tool_calls") + USAGE + DONE],
    ["a tool call whose end is said otherwise", CALL + chunk({}, "stop") + DONE],
    ["a tool call with an end of its own", CALL + chunk({}, "eos") + DONE],
    ["an old function call", chunk({ function_call: { name: "read" } }) + chunk({}, "function_call") + DONE],
    ["an end that is empty in every part but the last", `${chunk({ content: "hi" }, "")}${chunk({}, "stop")}${DONE}`],
  ])("is usable: %s", (_, answer) => {
    expect(watched(answer, size)).toEqual([true])
  })

  it.each([
    ["nothing", ""],
    ["a comment", ": keep-alive\n\n"],
    ["the last word alone", DONE],
    ["usage alone", USAGE + DONE],
    ["an end alone", ROLE + chunk({}, "stop") + DONE],
    ["a text without an end", TEXT + DONE],
    ["a text that breaks off", `${TEXT}data: {"choices":[{"del`],
    ["an end that nobody knows", TEXT + chunk({}, "eos") + DONE],
    ["an empty end", TEXT + chunk({}, "") + DONE],
    ["an end in another field", 'data: {"choices":[{"delta":{"content":"hi"},"native_finish_reason":"stop"}]}\n\n'],
    ["a tool call that is promised and not there", TEXT + chunk({ tool_calls: [] }, "tool_calls") + DONE],
    ["a tool call without an end", CALL + DONE],
    [
      "an end that the model only writes of",
      chunk({ content: '"finish_reason":"stop"' }) + chunk({ content: '{"tool_calls":[{' }) + DONE,
    ],
    ["no stream", "service busy"],
  ])("is not usable: %s", (_, answer) => {
    expect(watched(answer, size)).toEqual([false])
  })
})

describe.each(["cancelled", "failed"] as const)("an answer that %s", (how) => {
  it("reports nothing when cancelled before it was usable", () => {
    expect(watched(TEXT, 10, how)).toEqual([])
  })

  it("is usable when its end had come", () => {
    expect(watched(TEXT + chunk({}, "stop"), 10, how)).toEqual([true])
  })
})

it("buffers only a short part of a long response", () => {
  let told: boolean | undefined
  const watch = watchAnswer((usable) => {
    told = usable
  })
  const part = new TextEncoder().encode(chunk({ content: "x".repeat(1_000) }))
  for (let count = 0; count < 1_000; count++) {
    watch.part(part)
    // The reader may use the memory again.
    part.fill(120)
  }
  watch.part(new TextEncoder().encode(chunk({}, "stop")))
  watch.end("complete")
  expect(told).toBe(true)
})
