import * as fc from "fast-check"
import { always } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import type { ModelFacts, ThinkingOptions } from "../catalog/model-facts.ts"
import type { ChatBody } from "./body-rules.ts"
import { thinksAbout, withThinkingParameters } from "./thinking-parameters.ts"

const FACTS: ModelFacts = {
  id: "model",
  name: "Model",
  contextTokens: 1_000_000,
  outputTokens: 65_536,
  imageInput: false,
  videoInput: false,
  pdfInput: false,
  replaysThinking: false,
}

const model = (thinking: ThinkingOptions): ModelFacts => ({ ...FACTS, thinking })
const NEVER = FACTS
const BUDGET = model({ toggle: true, efforts: [], maxBudgetTokens: 81_920 })
const ONLY_BUDGET = model({ toggle: false, efforts: [], maxBudgetTokens: 81_920 })
const QWEN_38 = model({ toggle: true, efforts: ["low", "medium", "xhigh"], maxBudgetTokens: 262_144 })
const DEEPSEEK = model({ toggle: true, efforts: ["high", "max"] })
const GLM_52 = model({ toggle: false, efforts: ["high", "max"] })
const WITH_NONE = model({ toggle: false, efforts: ["none", "minimal", "low", "medium", "high", "xhigh", "max"] })
const SWITCH = model({ toggle: true, efforts: [] })
const ALWAYS = model({ toggle: false, efforts: [] })

const on = { enable_thinking: true }
const off = { enable_thinking: false }

describe("a level of thinking becomes what the model has", () => {
  it.each<[string, ModelFacts | undefined, string, ChatBody]>([
    ["off by its switch", BUDGET, "none", off],
    ["off by its switch", QWEN_38, "off", off],
    ["off by its effort", WITH_NONE, "none", { reasoning_effort: "none" }],
    ["off by its effort", WITH_NONE, "off", { reasoning_effort: "none" }],
    ["the weakest, where it cannot be off", GLM_52, "none", { reasoning_effort: "high" }],
    ["the smallest budget, where it cannot be off", ONLY_BUDGET, "none", { thinking_budget: 5_120 }],
    ["nothing, where nothing can be chosen", ALWAYS, "none", {}],
    ["nothing, where nothing can be chosen", ALWAYS, "high", {}],
    ["its own effort", QWEN_38, "medium", { ...on, reasoning_effort: "medium" }],
    ["its own effort", WITH_NONE, "xhigh", { reasoning_effort: "xhigh" }],
    ["the nearest effort", QWEN_38, "minimal", { ...on, reasoning_effort: "low" }],
    ["the stronger of two as near", QWEN_38, "high", { ...on, reasoning_effort: "xhigh" }],
    ["the nearest effort", QWEN_38, "ultra", { ...on, reasoning_effort: "xhigh" }],
    ["the nearest effort", DEEPSEEK, "low", { ...on, reasoning_effort: "high" }],
    ["the nearest effort", DEEPSEEK, "xhigh", { ...on, reasoning_effort: "max" }],
    ["an effort in capitals", QWEN_38, " Low ", { ...on, reasoning_effort: "low" }],
    ["a sixteenth", BUDGET, "minimal", { ...on, thinking_budget: 5_120 }],
    ["an eighth", BUDGET, "low", { ...on, thinking_budget: 10_240 }],
    ["a quarter", BUDGET, "medium", { ...on, thinking_budget: 20_480 }],
    ["a half", BUDGET, "high", { ...on, thinking_budget: 40_960 }],
    ["the whole", BUDGET, "xhigh", { ...on, thinking_budget: 81_920 }],
    ["the whole", BUDGET, "max", { ...on, thinking_budget: 81_920 }],
    ["the whole", BUDGET, "ultra", { ...on, thinking_budget: 81_920 }],
    ["on", SWITCH, "low", on],
    ["nothing for a word that is no level", QWEN_38, "auto", {}],
    ["nothing for a word that is no level", BUDGET, "banana", {}],
    ["nothing for a model that never thinks", NEVER, "high", {}],
    ["nothing for a model that never thinks", NEVER, "none", {}],
    ["nothing for an unknown model", undefined, "high", {}],
    ["nothing for an unknown model", undefined, "none", {}],
  ])("%s", (_, facts, level, sent) => {
    const rest = { model: "m", stream: true }
    for (const asked of [{ reasoning_effort: level }, { reasoningEffort: level }, { reasoning: { effort: level } }]) {
      expect(withThinkingParameters({ ...rest, ...asked }, facts)).toEqual({ ...rest, ...sent })
    }
  })
})

describe("the caller's own parameters", () => {
  it.each<[string, ModelFacts | undefined, ChatBody, ChatBody]>([
    ["off stays off", QWEN_38, { ...off, reasoning_effort: "low" }, off],
    ["on stays on", BUDGET, { ...on, reasoning_effort: "none" }, on],
    ["a budget stays", BUDGET, { thinking_budget: 7, reasoning_effort: "low" }, { ...on, thinking_budget: 7 }],
    ["a budget is at most the model's", BUDGET, { thinking_budget: 100_000 }, { thinking_budget: 81_920 }],
    [
      "a budget goes before an effort",
      QWEN_38,
      { thinking_budget: 7, reasoning_effort: "low" },
      { ...on, thinking_budget: 7 },
    ],
    ["a budget without a known maximum stays", DEEPSEEK, { thinking_budget: 7 }, { thinking_budget: 7 }],
    ["those of an unknown model stay", undefined, { ...on, thinking_budget: 7 }, { ...on, thinking_budget: 7 }],
    ["empty fields go", QWEN_38, { reasoning_effort: null, reasoning: {} }, {}],
  ])("%s", (_, facts, given, sent) => {
    expect(withThinkingParameters(given, facts)).toEqual(sent)
  })

  it.each<[ModelFacts | undefined, ChatBody]>([
    [QWEN_38, { model: "m", enable_thinking: true, reasoning_effort: "low" }],
    [BUDGET, { model: "m", thinking_budget: 81_920 }],
    [undefined, { model: "m" }],
  ])("that need no change are the same object", (facts, given) => {
    expect(withThinkingParameters(given, facts)).toBe(given)
  })
})

it("an effort that the model does not have is never sent, whatever is asked", () => {
  const effort = fc.oneof(
    fc.constantFrom("none", "off", "minimal", "low", "high", "xhigh", "max", "ultra"),
    fc.jsonValue(),
  )
  const asked = fc.record(
    {
      reasoning_effort: effort,
      reasoningEffort: effort,
      reasoning: fc.oneof(fc.record({ effort }), fc.jsonValue()),
      enable_thinking: fc.boolean(),
      thinking_budget: fc.integer(),
    },
    { requiredKeys: [] },
  )
  const facts = fc.constantFrom(
    undefined,
    NEVER,
    BUDGET,
    ONLY_BUDGET,
    QWEN_38,
    DEEPSEEK,
    GLM_52,
    WITH_NONE,
    SWITCH,
    ALWAYS,
  )
  always(
    fc.property(asked, facts, (given, known) => {
      const sent = withThinkingParameters(given, known)
      expect(Object.keys(sent)).not.toContain("reasoningEffort")
      expect(Object.keys(sent)).not.toContain("reasoning")
      const { reasoning_effort, thinking_budget } = sent
      if ("reasoning_effort" in sent) {
        expect(known?.thinking?.efforts).toContain(reasoning_effort)
        expect("thinking_budget" in sent).toBe(false)
      }
      const largest = known?.thinking?.maxBudgetTokens
      if (largest !== undefined && typeof thinking_budget === "number")
        expect(thinking_budget).toBeLessThanOrEqual(largest)
    }),
    500,
  )
})

it.each<[boolean, ModelFacts | undefined, ChatBody]>([
  [true, BUDGET, {}],
  [true, BUDGET, on],
  [false, BUDGET, off],
  [false, WITH_NONE, { reasoning_effort: "none" }],
  [false, NEVER, on],
  [false, undefined, on],
])("%s: whether a model of the catalogue thinks", (thinks, facts, body) => {
  expect(thinksAbout(body, facts)).toBe(thinks)
})
