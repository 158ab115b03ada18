import { describe, expect, it } from "vitest"
import { findModel } from "../catalog/find-model.ts"
import type { ModelFacts, ThinkingOptions } from "../catalog/model-facts.ts"
import { CODING_PLAN, PAY_AS_YOU_GO } from "../catalog/plans.ts"
import type { ChatBody } from "./body-rules.ts"
import { keyBodyRules, keyRequestBody } from "./key-request-body.ts"

const facts = (thinking?: ThinkingOptions, replaysThinking = false): ModelFacts => ({
  id: "m",
  name: "M",
  contextTokens: 1_000_000,
  outputTokens: 65_536,
  imageInput: false,
  videoInput: false,
  pdfInput: false,
  replaysThinking,
  ...(thinking === undefined ? {} : { thinking }),
})
const HYBRID = facts({ toggle: true, efforts: [], maxBudgetTokens: 81_920 })
const ALWAYS = facts({ toggle: false, efforts: [] })
const BY_EFFORT = facts({ toggle: false, efforts: ["high", "max"] })
const NEVER = facts()

const unmarked = (body: ChatBody, known?: ModelFacts) => keyRequestBody(body, known, { cacheMarks: false })

const STREAMED = { stream: true, stream_options: { include_usage: true } }

describe("a request that is not streamed", () => {
  it.each(["qwen3-32b", "qwen3-8b", "qwen3-0.6b", "qwen3-14b", "qwen3-235b-a22b", "qwen3-30b-a3b"])(
    "does not think with the open weights of %s",
    (model) => {
      expect(unmarked({ model }, HYBRID)).toEqual({ model, enable_thinking: false })
      expect(unmarked({ model, stream: false })).toEqual({ model, stream: false, enable_thinking: false })
      expect(unmarked({ model, stream: true })).toEqual({ model, stream: true })
    },
  )

  it("thinks with open weights if the caller wants it, in a stream", () => {
    const model = "qwen3-32b"
    expect(unmarked({ model, enable_thinking: true })).toEqual({ model, enable_thinking: true, ...STREAMED })
    expect(unmarked({ model, reasoning_effort: "high" }, HYBRID)).toEqual({
      model,
      enable_thinking: true,
      thinking_budget: 40_960,
      ...STREAMED,
    })
    expect(unmarked({ model, enable_thinking: false })).toEqual({ model, enable_thinking: false })
  })

  it.each<[string, ModelFacts | undefined]>([
    ["qwen3-235b-a22b-thinking-2507", undefined],
    ["qwen3-next-80b-a3b-thinking", undefined],
    ["kimi-k2-thinking", undefined],
    ["MiniMax-M2.5", ALWAYS],
    ["qwen3-235b-a22b", ALWAYS],
  ])("of a model that only thinks is streamed: %s", (model, known) => {
    expect(unmarked({ model, stream: false }, known)).toEqual({ model, ...STREAMED })
    const own = { model, stream_options: { other: 1 } }
    expect(unmarked(own, known)["stream_options"]).toEqual({ other: 1, include_usage: true })
  })

  it.each<[string, ModelFacts | undefined]>([
    ["qwen3.7-plus", HYBRID],
    ["glm-5.2", BY_EFFORT],
    ["qwen3-coder-plus", NEVER],
    ["qwen3-235b-a22b-instruct-2507", NEVER],
    ["qwen3-coder-30b-a3b-instruct", undefined],
    ["new-model", undefined],
  ])("stays as it is with %s", (model, known) => {
    const body = { model, stream: false }
    expect(unmarked(body, known)["stream"]).toBe(false)
    expect(unmarked(body, known)["enable_thinking"]).toBeUndefined()
  })
})

describe("while the model thinks", () => {
  const forced = { model: "m", stream: true, tools: [{}], tool_choice: "required", max_tokens: 65_536 }

  it.each(["required", { type: "function", function: { name: "a" } }])("no tool is forced (%j)", (tool_choice) => {
    expect(unmarked({ ...forced, tool_choice }, HYBRID)["tool_choice"]).toBe("auto")
  })

  it("the reply is limited, not reply and thinking together", () => {
    const sent = unmarked({ ...forced, max_completion_tokens: 65_536 }, HYBRID)
    expect([sent["max_tokens"], sent["max_completion_tokens"]]).toEqual([32_768, 65_536])
    expect(unmarked({ ...forced, max_tokens: 32_000 }, HYBRID)["max_tokens"]).toBe(32_000)
  })

  it.each<[string, ChatBody, ModelFacts | undefined]>([
    ["it is switched off", { enable_thinking: false }, HYBRID],
    ["it never does", {}, NEVER],
    ["it is not known", {}, undefined],
  ])("only: %s", (_, own, known) => {
    const body = { ...forced, ...own }
    expect(unmarked(body, known)).toBe(body)
  })

  it("it gets its thinking back where it expects that, unless the caller chose", () => {
    const known = facts({ toggle: true, efforts: [] }, true)
    const body = { model: "m", stream: true }
    expect(unmarked(body, known)).toEqual({ ...body, preserve_thinking: true })
    expect(unmarked({ ...body, preserve_thinking: false }, known)["preserve_thinking"]).toBe(false)
    expect(unmarked({ ...body, enable_thinking: false }, known)["preserve_thinking"]).toBeUndefined()
    expect(unmarked(body, HYBRID)).toBe(body)
  })
})

it.each([
  ["qwen-vl-max", true],
  ["qwen-vl-plus", true],
  ["qwen3-vl-plus", true],
  ["qwen3.5-plus", true],
  ["qwen3.6-plus", true],
  ["qwen3.7-plus", true],
  ["qwen3.8-max", undefined],
  ["qwen3-coder-plus", undefined],
  ["kimi-k2.5", undefined],
])("images of %s are in full resolution: %s", (model, full) => {
  expect(unmarked({ model, stream: true })["vl_high_resolution_images"]).toBe(full)
  const own = { model, stream: true, vl_high_resolution_images: false }
  expect(unmarked(own)).toBe(own)
})

it("empty tools are left out, with what needs them", () => {
  const body = { model: "m", stream: true, tools: [], tool_choice: "auto", parallel_tool_calls: true }
  expect(unmarked(body)).toEqual({ model: "m", stream: true })
})

it("a body with the caller's own marks gets no addition, but what would be refused is corrected", () => {
  const content = [{ type: "text", text: "hi", cache_control: { type: "ephemeral" } }]
  const body = { model: "qwen3.7-plus", stream: true, messages: [{ role: "user", content }] }
  const known = facts({ toggle: true, efforts: [], maxBudgetTokens: 262_144 }, true)
  expect(keyRequestBody(body, known, { cacheMarks: true })).toBe(body)
  expect(keyRequestBody({ ...body, thinking_budget: 1e6 }, known, { cacheMarks: true })).toEqual({
    ...body,
    thinking_budget: 262_144,
  })
})

describe("the rules of a key", () => {
  const [coding] = CODING_PLAN.endpoints
  const [paid] = PAY_AS_YOU_GO.endpoints
  if (coding === undefined || paid === undefined) throw new Error("expected endpoints")
  const workspace = { ...paid, baseUrl: "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1" }
  const body = { model: "qwen3-coder-plus", stream: true, messages: [{ role: "user", content: "hi" }] }

  it("mark the prompt, unless the person or the host does not want it", () => {
    expect(JSON.stringify(keyBodyRules(coding, true, findModel).apply(body))).toContain("cache_control")
    expect(keyBodyRules(coding, false, findModel).apply(body)).toBe(body)
    expect(keyBodyRules(workspace, true, findModel).apply(body)).toBe(body)
  })

  it("have one id for each way to change a body", () => {
    const ids = [
      keyBodyRules(coding, true, findModel),
      keyBodyRules(coding, false, findModel),
      keyBodyRules(paid, true, findModel),
      keyBodyRules(workspace, true, findModel),
    ]
    expect(new Set(ids.map(({ id }) => id)).size).toBe(4)
    expect(keyBodyRules(coding, true, findModel).id).toBe(keyBodyRules({ ...coding }, true, findModel).id)
  })

  it("know the models of the key's plan", () => {
    const asked = { ...body, reasoning_effort: "high" }
    expect(keyBodyRules(coding, false, findModel).apply(asked)).toEqual(body)
    expect(keyBodyRules(coding, false, findModel).apply({ ...asked, model: "glm-5" })).toMatchObject({
      enable_thinking: true,
    })
    expect(keyBodyRules(coding, false, findModel).apply({ ...asked, model: 7 })).toEqual({ ...body, model: 7 })
  })
})
