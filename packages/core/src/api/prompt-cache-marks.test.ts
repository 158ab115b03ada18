import { describe, expect, it } from "vitest"
import type { ChatBody } from "./body-rules.ts"
import { hasCacheMarks, takesCacheMarks, withCacheMarks } from "./prompt-cache-marks.ts"

const MARK = { cache_control: { type: "ephemeral" } }
const textPart = (text: string) => ({ type: "text", text })
const markedPart = (text: string) => ({ ...textPart(text), ...MARK })
const tool = (name: string) => ({ type: "function", function: { name } })

const countMarks = (body: ChatBody) => JSON.stringify(body).split('"cache_control"').length - 1

describe("withCacheMarks", () => {
  it("marks the last part of the system message, the last tool and the last part of the last message", () => {
    const body = {
      model: "qwen3.7-plus",
      messages: [
        { role: "system", content: "rules" },
        { role: "user", content: "one" },
        { role: "assistant", content: "two" },
        { role: "user", content: [textPart("three"), textPart("four")] },
      ],
      tools: [tool("a"), tool("b")],
    }
    expect(withCacheMarks(body)).toEqual({
      model: "qwen3.7-plus",
      messages: [
        { role: "system", content: [markedPart("rules")] },
        { role: "user", content: "one" },
        { role: "assistant", content: "two" },
        { role: "user", content: [textPart("three"), markedPart("four")] },
      ],
      tools: [tool("a"), { ...tool("b"), ...MARK }],
    })
  })

  it("does not change the caller's object", () => {
    const body = { model: "m", messages: [{ role: "system", content: [textPart("a")] }], tools: [tool("a")] }
    const copy = structuredClone(body)
    withCacheMarks(body)
    expect(body).toEqual(copy)
  })

  it.each<[string, unknown, number]>([
    ["one message", [{ role: "user", content: "hi" }], 1],
    ["only a system message", [{ role: "system", content: "hi" }], 1],
    ["a tool's result", [{ role: "tool", tool_call_id: "1", content: "42" }], 1],
    ["an image", [{ role: "user", content: [textPart("see"), { type: "image_url", image_url: { url: "data:" } }] }], 1],
    ["an empty text", [{ role: "user", content: "" }], 0],
    ["no content", [{ role: "assistant", content: null, tool_calls: [] }], 0],
    ["an empty list of parts", [{ role: "user", content: [] }], 0],
    ["values that are not messages", ["hi", 7, null], 0],
    ["a value that is not a list", "hi", 0],
  ])("handles a conversation with %s", (_, messages, count) => {
    expect(countMarks(withCacheMarks({ model: "m", messages }))).toBe(count)
  })

  it("does not mark GLM without tools, because its backend requires plain strings", () => {
    const plain = { model: "glm-5", messages: [{ role: "user", content: "hi" }] }
    expect(withCacheMarks(plain)).toBe(plain)
    expect(countMarks(withCacheMarks({ ...plain, tools: [tool("a")] }))).toBe(2)
  })

  it("does not change a body without a prompt", () => {
    const body = { model: "m", messages: [] }
    expect(withCacheMarks(body)).toBe(body)
  })
})

it.each<[string, ChatBody, boolean]>([
  ["a part", { messages: [{ role: "user", content: [markedPart("a")] }] }, true],
  ["a message", { messages: [{ role: "user", content: "a", ...MARK }] }, true],
  ["a tool", { tools: [{ ...tool("a"), ...MARK }] }, true],
  ["a tool's function", { tools: [{ type: "function", function: { name: "a", ...MARK } }] }, true],
  ["the body", { ...MARK }, true],
  ["an empty mark", { messages: [{ role: "user", content: [{ ...textPart("a"), cache_control: null }] }] }, true],
  [
    "no field",
    { messages: [{ role: "user", content: [textPart("cache_control")] }], tools: [tool("cache_control")] },
    false,
  ],
])("finds a mark of the caller on %s", (_, body, found) => {
  expect(hasCacheMarks(body)).toBe(found)
})

it.each([
  ["coding.dashscope.aliyuncs.com", true],
  ["coding-intl.dashscope.aliyuncs.com", true],
  ["dashscope.aliyuncs.com", true],
  ["dashscope-us.aliyuncs.com", true],
  ["cn-hongkong.dashscope.aliyuncs.com", true],
  ["token-plan.cn-beijing.maas.aliyuncs.com", true],
  ["token-plan.ap-southeast-1.maas.aliyuncs.com", true],
  ["maas.qwencloudapi.com", true],
  ["token-plan.maas.qwencloudapi.com", true],
  ["maas.qianwenaiapi.com", true],
  ["token-plan.maas.qianwenaiapi.com", true],
  ["ws-1.ap-southeast-1.maas.aliyuncs.com", false],
  ["llm-abc.cn-beijing.maas.aliyuncs.com", false],
  ["trial.cn-beijing.maas.aliyuncs.com", false],
])("takesCacheMarks for %s is %s", (host, expected) => {
  expect(takesCacheMarks(host)).toBe(expected)
})
