import { modelFacts } from "qwen-auth-testing/samples"
import { describe, expect, it } from "vitest"
import { findModel } from "../catalog/find-model.ts"
import type { ModelFacts } from "../catalog/model-facts.ts"
import { CODING_PLAN, PAY_AS_YOU_GO } from "../catalog/plans.ts"
import type { ChatBody } from "./body-rules.ts"
import { keyBodyRules, keyRequestBody } from "./key-request-body.ts"

const HYBRID = modelFacts({ toggle: true, efforts: [], maxBudgetTokens: 81_920 })
const ALWAYS = modelFacts({ toggle: false, efforts: [] })
const BY_EFFORT = modelFacts({ toggle: false, efforts: ["high", "max"] })
const NEVER = modelFacts()

const convert = (body: ChatBody, model?: ModelFacts) => keyRequestBody(body, model, false)

const STREAMED = { stream: true, stream_options: { include_usage: true } }

describe("a request that is not streamed", () => {
  it.each(["qwen3-32b", "qwen3-8b", "qwen3-0.6b", "qwen3-14b", "qwen3-235b-a22b", "qwen3-30b-a3b"])(
    "does not think with the open-weight model %s",
    (model) => {
      expect(convert({ model }, HYBRID)).toEqual({ model, enable_thinking: false })
      expect(convert({ model, stream: false })).toEqual({ model, stream: false, enable_thinking: false })
      expect(convert({ model, stream: true })).toEqual({ model, stream: true })
    },
  )

  it("is streamed if the caller wants an open-weight model to think", () => {
    const model = "qwen3-32b"
    expect(convert({ model, enable_thinking: true })).toEqual({ model, enable_thinking: true, ...STREAMED })
    expect(convert({ model, reasoning_effort: "high" }, HYBRID)).toEqual({
      model,
      enable_thinking: true,
      thinking_budget: 40_960,
      ...STREAMED,
    })
    expect(convert({ model, enable_thinking: false })).toEqual({ model, enable_thinking: false })
  })

  it.each<[string, ModelFacts | undefined]>([
    ["qwen3-235b-a22b-thinking-2507", undefined],
    ["qwen3-next-80b-a3b-thinking", undefined],
    ["kimi-k2-thinking", undefined],
    ["MiniMax-M2.5", ALWAYS],
    ["qwen3-235b-a22b", ALWAYS],
  ])("is streamed for a model that always thinks: %s", (model, facts) => {
    expect(convert({ model, stream: false }, facts)).toEqual({ model, ...STREAMED })
    const body = { model, stream_options: { other: 1 } }
    expect(convert(body, facts)["stream_options"]).toEqual({ other: 1, include_usage: true })
  })

  it.each<[string, ModelFacts | undefined]>([
    ["qwen3.7-plus", HYBRID],
    ["glm-5.2", BY_EFFORT],
    ["qwen3-coder-plus", NEVER],
    ["qwen3-235b-a22b-instruct-2507", NEVER],
    ["qwen3-coder-30b-a3b-instruct", undefined],
    ["new-model", undefined],
  ])("is not changed for %s", (model, facts) => {
    const body = { model, stream: false }
    expect(convert(body, facts)["stream"]).toBe(false)
    expect(convert(body, facts)["enable_thinking"]).toBeUndefined()
  })
})

describe("a request to a model that thinks", () => {
  const forced = { model: "m", stream: true, tools: [{}], tool_choice: "required", max_tokens: 65_536 }

  it.each(["required", { type: "function", function: { name: "a" } }])("does not force a tool (%j)", (tool_choice) => {
    expect(convert({ ...forced, tool_choice }, HYBRID)["tool_choice"]).toBe("auto")
  })

  it("limits the reply, but not the sum of reply and thinking", () => {
    const sent = convert({ ...forced, max_completion_tokens: 65_536 }, HYBRID)
    expect([sent["max_tokens"], sent["max_completion_tokens"]]).toEqual([32_768, 65_536])
    expect(convert({ ...forced, max_tokens: 32_000 }, HYBRID)["max_tokens"]).toBe(32_000)
  })

  it.each<[string, ChatBody, ModelFacts | undefined]>([
    ["thinking is off", { enable_thinking: false }, HYBRID],
    ["the model never thinks", {}, NEVER],
    ["the model is unknown", {}, undefined],
  ])("is not limited if %s", (_, fields, facts) => {
    const body = { ...forced, ...fields }
    expect(convert(body, facts)).toBe(body)
  })

  it("keeps the thinking in the history if the model uses it, unless the caller chose", () => {
    const facts = modelFacts({ toggle: true, efforts: [] }, true)
    const body = { model: "m", stream: true }
    expect(convert(body, facts)).toEqual({ ...body, preserve_thinking: true })
    expect(convert({ ...body, preserve_thinking: false }, facts)["preserve_thinking"]).toBe(false)
    expect(convert({ ...body, enable_thinking: false }, facts)["preserve_thinking"]).toBeUndefined()
    expect(convert(body, HYBRID)).toBe(body)
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
])("sets full resolution of images for %s to %s", (model, value) => {
  expect(convert({ model, stream: true })["vl_high_resolution_images"]).toBe(value)
  const chosen = { model, stream: true, vl_high_resolution_images: false }
  expect(convert(chosen)).toBe(chosen)
})

it("removes empty tools and the fields that need tools", () => {
  const body = { model: "m", stream: true, tools: [], tool_choice: "auto", parallel_tool_calls: true }
  expect(convert(body)).toEqual({ model: "m", stream: true })
})

it("corrects a body with the caller's own cache marks, but adds nothing", () => {
  const content = [{ type: "text", text: "hi", cache_control: { type: "ephemeral" } }]
  const body = { model: "qwen3.7-plus", stream: true, messages: [{ role: "user", content }] }
  const facts = modelFacts({ toggle: true, efforts: [], maxBudgetTokens: 262_144 }, true)
  expect(keyRequestBody(body, facts, true)).toBe(body)
  expect(keyRequestBody({ ...body, thinking_budget: 1e6 }, facts, true)).toEqual({
    ...body,
    thinking_budget: 262_144,
  })
})

describe("the body rules of a key", () => {
  const [coding] = CODING_PLAN.endpoints
  const [paid] = PAY_AS_YOU_GO.endpoints
  if (coding === undefined || paid === undefined) throw new Error("expected endpoints")
  const body = { model: "qwen3-coder-plus", stream: true, messages: [{ role: "user", content: "hi" }] }

  it("mark the prompt for the cache if that is wanted", () => {
    expect(JSON.stringify(keyBodyRules(coding, true, findModel).apply(body))).toContain("cache_control")
    expect(keyBodyRules(coding, false, findModel).apply(body)).toBe(body)
  })

  it("have a different id for each way to change a body", () => {
    const ids = [
      keyBodyRules(coding, true, findModel),
      keyBodyRules(coding, false, findModel),
      keyBodyRules(paid, true, findModel),
      keyBodyRules(paid, false, findModel),
    ]
    expect(new Set(ids.map(({ id }) => id)).size).toBe(4)
    expect(keyBodyRules(coding, true, findModel).id).toBe(keyBodyRules({ ...coding }, true, findModel).id)
  })

  it("use the models of the key's plan", () => {
    const request = { ...body, reasoning_effort: "high" }
    expect(keyBodyRules(coding, false, findModel).apply(request)).toEqual(body)
    expect(keyBodyRules(coding, false, findModel).apply({ ...request, model: "glm-5" })).toMatchObject({
      enable_thinking: true,
    })
    expect(keyBodyRules(coding, false, findModel).apply({ ...request, model: 7 })).toEqual({ ...body, model: 7 })
  })
})
